import type { BaseWindow } from '../definition/definition.ts';
import type { Schema } from './json-schema.ts';

const LONGER = 'all|[1-9][0-9]{0,2}(h|d|w|mo|q|y)';
const PATTERNS: Readonly<Record<BaseWindow, string>> = {
  '1m': `^(${LONGER}|[1-9][0-9]{0,2}m)$`,
  '5m': `^(${LONGER}|(5|[1-9][0-9]?[05])m)$`,
  '15m': `^(${LONGER}|(15|30|45|60|90)m)$`,
  '1h': `^(${LONGER}|(60|120)m)$`,
};
/** The allowed values of `every`, by the metric's window. */
export const everyOf = (window: BaseWindow): Schema => ({ type: 'string', pattern: PATTERNS[window], examples: ['1h'] });
