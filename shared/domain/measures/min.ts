import type { EventOf, Expression, Fits, KindOfExpression } from '../expressions.ts';
import type { Numeric } from '../kinds.ts';
import { extremeKind } from './extreme.ts';
import { type MeasureUse, measureOf } from './measure.ts';

/** The smallest value; text orders by its UTF-8 bytes. Null where no event had a value. */
export const min = <const A extends Expression>(
  a: A & Fits<'min', A, Numeric | 'text', 'a number or text'>,
): MeasureUse<'min', KindOfExpression<A>, EventOf<A>> => measureOf('min', a);

export const minKind = extremeKind('min', -1);
