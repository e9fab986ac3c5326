import type { Arg, ReadsOf } from '../definition/expression.ts';
import { andThenPresent } from './compose.ts';
import { type MeasureUse, measureOf, type Where } from './measure.ts';
import type { ScaleOption, Summable, SummableWords } from './sum.ts';
import { varianceKind } from './variance.ts';

/**
 * The standard deviation of the population: the square root of `variance`, with its limits; null if no event had a value.
 * @example stddev(request.ms)
 * @example stddev(sensor.celsius, { scale: 2 }) // a float: how many of its decimals count
 */
export const stddev = <const A, const O extends ScaleOption = Record<never, never>, const W = never>(
  a: Arg<'stddev', A, Summable<O>, SummableWords>,
  options?: O & Where<W>,
): MeasureUse<'stddev', number | null, ReadsOf<A> | ReadsOf<W>> => measureOf('stddev', a, options);

export const stddevKind = andThenPresent(varianceKind, 'stddev', (answer) => (typeof answer === 'number' ? Math.sqrt(answer) : null));
