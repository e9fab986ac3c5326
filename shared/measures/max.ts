import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf, type ValueOfExpression } from './measure.ts';

/**
 * The largest value; text is compared by its UTF-8 bytes. Null if no event had a value.
 * @example max(order.price)
 */
export const max = <const A>(a: Arg<'max', A, Numeric | 'text', 'a number or text'>): MeasureUse<'max', ValueOfExpression<A> | null, ReadsOf<A>> =>
  measureOf('max', a);

export const maxKind = extremeKind('max', 1);
