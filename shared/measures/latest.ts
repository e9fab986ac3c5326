import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Simple } from '../definition/kinds.ts';
import { type MeasureUse, measureOf, type ValueOfExpression, type Where } from './measure.ts';
import { newestKind } from './newest.ts';

/**
 * The value of the event with the latest event time, then id. Null if no event had a value.
 * @example latest(edit.page)
 */
export const latest = <const A, const W = never>(
  a: Arg<'latest', A, Simple, 'a simple value'>,
  options?: Where<W>,
): MeasureUse<'latest', ValueOfExpression<A> | null, ReadsOf<A> | ReadsOf<W>> => measureOf('latest', a, options);

export const latestKind = newestKind('latest', 1);
