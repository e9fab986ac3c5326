// The public module: what a pipeline.ts imports from 'twinstream'.
export { entity, metric } from './domain/declare.ts';
export { DefinitionError, definePipeline, type Pipeline } from './domain/define.ts';
export { type Event, event } from './domain/events.ts';
export { and, coalesce, dateOf, eq, exists, gt, gte, hourOf, in_, lower, lt, lte, monthOf, not, or, urlHost, weekdayOf } from './domain/expressions.ts';
export { decimal } from './domain/kinds.ts';
export { count } from './domain/measures/count.ts';
export { first } from './domain/measures/first.ts';
export { latest } from './domain/measures/latest.ts';
export { max } from './domain/measures/max.ts';
export { mean } from './domain/measures/mean.ts';
export { min } from './domain/measures/min.ts';
export { quantiles } from './domain/measures/quantiles.ts';
export { sum } from './domain/measures/sum.ts';
export { top } from './domain/measures/top.ts';
export { uniques } from './domain/measures/uniques.ts';
