import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Simple } from '../definition/kinds.ts';
import { type MeasureUse, measureOf, type ValueOfExpression, type Where } from './measure.ts';
import { newestKind } from './newest.ts';

/**
 * The value of the event with the earliest event time, then id. Null if no event had a value.
 * @example first(edit.user)
 */
export const first = <const A, const W = never>(
  a: Arg<'first', A, Simple, 'a simple value'>,
  options?: Where<W>,
): MeasureUse<'first', ValueOfExpression<A> | null, ReadsOf<A> | ReadsOf<W>> => measureOf('first', a, options);

export const firstKind = newestKind('first', -1);
