// The public module: what a pipeline.ts imports from 'twinstream'.

export { add, div, floor, mul, round, sub } from './definition/arithmetic.ts';
export { entity, metric } from './definition/declare.ts';
export { DefinitionError, definePipeline, type Pipeline } from './definition/define.ts';
export { each } from './definition/each.ts';
export { type Event, event } from './definition/event-type.ts';
export { and, bucket, coalesce, eq, exists, gt, gte, in_, lt, lte, not, or, when } from './definition/expressions.ts';
export { ratio } from './definition/formula.ts';
export { decimal } from './definition/kinds.ts';
export { lookup } from './definition/lookup.ts';
export {
  concat,
  contains,
  length,
  lower,
  matches,
  part,
  startsWith,
  trim,
  upper,
  urlHost,
  urlPath,
  urlQuery,
} from './definition/text-expressions.ts';
export { time } from './definition/time.ts';
export { dateOf, hourOf, monthOf, weekdayOf } from './definition/time-expressions.ts';
export { count } from './measures/count.ts';
export { distinct } from './measures/distinct.ts';
export { first } from './measures/first.ts';
export { histogram } from './measures/histogram.ts';
export { latest } from './measures/latest.ts';
export { max } from './measures/max.ts';
export { mean } from './measures/mean.ts';
export { min } from './measures/min.ts';
export { quantiles } from './measures/quantiles.ts';
export { stddev } from './measures/stddev.ts';
export { sum } from './measures/sum.ts';
export { top } from './measures/top.ts';
export { uniques } from './measures/uniques.ts';
export { variance } from './measures/variance.ts';
