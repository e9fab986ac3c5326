import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Numeric } from '../definition/kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf, type ValueOfExpression } from './measure.ts';

/**
 * The smallest value; text is compared by its UTF-8 bytes. Null if no event had a value.
 * @example min(edit.delta)
 */
export const min = <const A>(a: Arg<'min', A, Numeric | 'text', 'a number or text'>): MeasureUse<'min', ValueOfExpression<A> | null, ReadsOf<A>> =>
  measureOf('min', a);

export const minKind = extremeKind('min', -1);
