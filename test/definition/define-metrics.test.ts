import { count, lower, mean, not, quantiles, sum, top } from '../../shared/pipeline.ts';
import { expectRefused, loose, order, withMetric } from './edits.ts';

test.each<[string, () => unknown, string]>([
  [
    'a sum of text',
    withMetric((e) => ({ measures: { x: sum(loose(e.page)) } })),
    "metric 'm', measure 'x': sum takes an integer, z.int(), or a decimal(scale); 'page' is text. Fix: take another field, or change its schema.",
  ],
  [
    'a sum of a float',
    withMetric((e) => ({ measures: { x: sum(loose(e.score)) } })),
    "metric 'm', measure 'x': sum: 'score' is float; a float has no exact total. Fix: write z.int() or decimal(2) in the schema, or { scale: 6 } on the measure.",
  ],
  [
    'a scale for an integer',
    withMetric((e) => ({ measures: { x: mean(loose(e.added), { scale: 2 }) } })),
    "metric 'm', measure 'x': mean: 'added' is integer; { scale } is for floats; an integer has its own. Fix: leave { scale } out.",
  ],
  [
    'a scale out of range',
    withMetric((e) => ({ measures: { x: sum(e.score, { scale: 12 }) } })),
    "metric 'm', measure 'x': sum: scale: Expected a whole number from 0 to 9, got 12. Fix: write it as in { scale: 2 }.",
  ],
  [
    'a percentile out of range',
    withMetric((e) => ({ measures: { x: quantiles(e.added, { p: [0.95] }) } })),
    "metric 'm', measure 'x': quantiles: p: Expected 1 to 20 percentiles from 1 to 99.99, got [0.95]. Fix: write it as in { p: [50, 95] }.",
  ],
  [
    'top of an object',
    withMetric((e) => ({ measures: { x: top(loose(e.geo)) } })),
    "metric 'm', measure 'x': top takes text, an integer or a boolean; 'geo' is object. Fix: name one of its fields.",
  ],
  [
    'a measure of another event',
    withMetric(() => ({ measures: { x: sum(order.price) } })),
    "metric 'm', measure 'x': 'price' belongs to another event. Fix: take a field of edit.",
  ],
  ['no measures', withMetric(() => ({ measures: {} })), "metric 'm': Expected 1 to 32 measures, got 0. Fix: add one, such as events: count()."],
  [
    'a measure that is none',
    withMetric(() => ({ measures: { x: 'count' } })),
    `metric 'm', measure 'x': Expected a measure such as count(), got "count". Fix: write count().`,
  ],
  [
    'a dimension of decimals',
    withMetric((e) => ({ dimensions: { d: e.price } })),
    "metric 'm', dimension 'd': Expected text, an integer or a boolean, 'price' is decimal. Fix: take another field.",
  ],
  [
    'a dimension of floats',
    withMetric((e) => ({ dimensions: { d: e.score } })),
    "metric 'm', dimension 'd': Expected text, an integer or a boolean, 'score' is float. Fix: write z.int() if it is whole.",
  ],
  [
    'a dimension that is no expression',
    withMetric(() => ({ dimensions: { d: 'page' } })),
    `metric 'm', dimension 'd': Expected a field or an expression, got "page". Fix: write a field such as edit.page, without quotes.`,
  ],
  [
    'a dimension of another event',
    withMetric(() => ({ dimensions: { d: order.price } })),
    "metric 'm', dimension 'd': 'price' belongs to another event. Fix: take a field of edit.",
  ],
  [
    'a condition that is text',
    withMetric((e) => ({ where: lower(e.page) })),
    `metric 'm', where: Expected a condition, lower('page') is text. Fix: write one such as eq(edit.page, …).`,
  ],
  [
    'a window that is none',
    withMetric(() => ({ window: '2m' })),
    'metric \'m\': Expected a window of 1m, 5m, 15m or 1h, got "2m". Fix: take one of these; answers also come by 6h, 1d, 7d and 1mo.',
  ],
  ['buckets out of range', withMetric(() => ({ buckets: 65 })), "metric 'm': Expected buckets from 1 to 64, got 65. Fix: take a number in that range."],
  [
    'an option that is none',
    withMetric((e) => ({ wher: not(e.isRobot) })),
    "metric 'm': Expected window, buckets, dimensions, measures, where or formulas, got 'wher'. Fix: write where.",
  ],
  [
    'a name with a dash',
    withMetric(() => ({ measures: { 'a-b': count() } })),
    "metric 'm': Expected a name of letters, digits and _ that starts with a letter, got 'a-b'. Fix: rename it.",
  ],
  [
    'names that differ by case',
    withMetric((e) => ({ dimensions: { N: e.page } })),
    "metric 'm': Expected names that differ by more than case, got 'N' and 'n'. Fix: rename one of them.",
  ],
  [
    'a name that answers use',
    withMetric((e) => ({ dimensions: { Window: e.page } })),
    "metric 'm': 'Window' is reserved for answers (window, window_start, window_size, window_day, group_key, group_events). Fix: rename it.",
  ],
])('given %s, then loading fails, and names the place, what was expected, what came and the fix', (_, define, message) => expectRefused(define, message));
