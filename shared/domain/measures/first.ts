import type { EventOf, Expression, Fits, KindOfExpression } from '../expressions.ts';
import type { Simple } from '../kinds.ts';
import { type MeasureUse, measureOf } from './measure.ts';
import { newestKind } from './newest.ts';

/** The value of the event with the earliest event time, then id. */
export const first = <const A extends Expression>(a: A & Fits<'first', A, Simple, 'a simple value'>): MeasureUse<'first', KindOfExpression<A>, EventOf<A>> =>
  measureOf('first', a);

export const firstKind = newestKind('first', -1);
