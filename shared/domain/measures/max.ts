import type { EventOf, Expression, Fits, KindOfExpression } from '../expressions.ts';
import type { Numeric } from '../kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf } from './measure.ts';

/** The largest value; text orders by its UTF-8 bytes. Null where no event had a value. */
export const max = <const A extends Expression>(
  a: A & Fits<'max', A, Numeric | 'text', 'a number or text'>,
): MeasureUse<'max', KindOfExpression<A>, EventOf<A>> => measureOf('max', a);

export const maxKind = extremeKind('max', 1);
