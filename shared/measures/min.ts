import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf, type ValueOfExpression, type Where } from './measure.ts';

/**
 * The smallest value; text is compared by its UTF-8 bytes. Null if no event had a value.
 * @example min(edit.delta)
 */
export const min = <const A, const W = never>(
  a: Arg<'min', A, Numeric | 'text', 'a number or text'>,
  options?: Where<W>,
): MeasureUse<'min', ValueOfExpression<A> | null, ReadsOf<A> | ReadsOf<W>> => measureOf('min', a, options);

export const minKind = extremeKind('min', -1);
