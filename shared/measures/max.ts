import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf, type ValueOfExpression, type Where } from './measure.ts';

/**
 * The largest value; text is compared by its UTF-8 bytes. Null if no event had a value.
 * @example max(order.price)
 */
export const max = <const A, const W = never>(
  a: Arg<'max', A, Numeric | 'text', 'a number or text'>,
  options?: Where<W>,
): MeasureUse<'max', ValueOfExpression<A> | null, ReadsOf<A> | ReadsOf<W>> => measureOf('max', a, options);

export const maxKind = extremeKind('max', 1);
