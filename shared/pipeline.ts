// The public module: what a pipeline.ts imports from 'twinstream'.
export { entity, metric } from './definition/declare.ts';
export { DefinitionError, definePipeline, type Pipeline } from './definition/define.ts';
export { type Event, event } from './definition/event-type.ts';
export { and, coalesce, dateOf, eq, exists, gt, gte, hourOf, in_, lower, lt, lte, monthOf, not, or, urlHost, weekdayOf } from './definition/expressions.ts';
export { decimal } from './definition/kinds.ts';
export { time } from './definition/time.ts';
export { count } from './measures/count.ts';
export { first } from './measures/first.ts';
export { latest } from './measures/latest.ts';
export { max } from './measures/max.ts';
export { mean } from './measures/mean.ts';
export { min } from './measures/min.ts';
export { quantiles } from './measures/quantiles.ts';
export { sum } from './measures/sum.ts';
export { top } from './measures/top.ts';
export { uniques } from './measures/uniques.ts';
