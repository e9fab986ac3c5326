import type { EventOf, Expression, Fits, KindOfExpression } from '../expressions.ts';
import type { Simple } from '../kinds.ts';
import { type MeasureUse, measureOf } from './measure.ts';
import { newestKind } from './newest.ts';

/** The value of the event with the latest event time, then id. */
export const latest = <const A extends Expression>(a: A & Fits<'latest', A, Simple, 'a simple value'>): MeasureUse<'latest', KindOfExpression<A>, EventOf<A>> =>
  measureOf('latest', a);

export const latestKind = newestKind('latest', 1);
