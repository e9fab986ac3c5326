import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Simple } from '../definition/kinds.ts';
import { type MeasureUse, measureOf, type ValueOfExpression } from './measure.ts';
import { newestKind } from './newest.ts';

/**
 * The value of the event with the earliest event time, then id. Null if no event had a value.
 * @example first(edit.user)
 */
export const first = <const A>(a: Arg<'first', A, Simple, 'a simple value'>): MeasureUse<'first', ValueOfExpression<A> | null, ReadsOf<A>> =>
  measureOf('first', a);

export const firstKind = newestKind('first', -1);
