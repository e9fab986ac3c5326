import { epochMs, isDecimal, likelyUnit, type TimeOptions, type TimeUnit, writtenMs } from './written-times.ts';

const EXAMPLE = '2015-09-12T00:46:58.771Z';
const NAMES: Readonly<Record<TimeUnit, string>> = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' };

/**
 * What is wrong with a value that should be a time, and the schema that would accept it.
 * @param taken the options of the `time` that refused it; null for another schema.
 */
export const expectedTime = (value: unknown, taken: TimeOptions | null): string => {
  const got = `got ${short(value)}`;
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  if (isDecimal(text)) {
    const unit = likelyUnit(text);
    const expected = taken?.unit === undefined ? `Expected an RFC 3339 time such as ${EXAMPLE}` : `Expected a time in ${NAMES[taken.unit]}`;
    if (unit === null) return `${expected}, ${got}`;
    return `${expected}, ${got}, which is ${new Date(epochMs(text, unit) ?? 0).toISOString()} in ${NAMES[unit]}: write time({ unit: '${unit}' }) in the schema`;
  }
  const ms = text === '' ? null : writtenMs(text, null);
  if (ms === 'local')
    return `Expected a time with a zone, such as ${EXAMPLE}, ${got}: write time({ zone: 'Europe/Berlin' }) in the schema, with the zone of the clock that wrote it`;
  if (ms !== null && taken === null) return `Expected an RFC 3339 time such as ${EXAMPLE}, ${got}: write time() in the schema`;
  return `Expected a time such as ${EXAMPLE}, ${got}`;
};

const short = (value: unknown): string => {
  const text = value === undefined ? 'none' : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
