import { z } from 'zod';
import orders from '../../examples/orders.ts';
import wikipedia from '../../pipeline.ts';
import {
  count,
  DefinitionError,
  decimal,
  definePipeline,
  entity,
  eq,
  event,
  gt,
  latest,
  lower,
  mean,
  metric,
  not,
  quantiles,
  sum,
  top,
} from '../../shared/pipeline.ts';

/** What the types refuse is refused again at load, since bundlers drop types. `loose` writes what a JavaScript user may. */
const loose = (value: unknown): never => value as never;
const edit = () =>
  event(
    z.object({
      time: z.iso.datetime(),
      page: z.string(),
      added: z.int(),
      score: z.number(),
      price: decimal(2),
      isRobot: z.boolean(),
      tags: z.array(z.string()),
      geo: z.object({ country: z.string() }),
    }),
    { time: 'time', subject: 'page' },
  );
const order = event(z.object({ at: z.string(), price: z.int() }), { time: 'at' });

type Edit = ReturnType<typeof edit>;
/** Defines a pipeline with one metric of parts that the compiler has not seen. */
const withMetric = (of: (e: Edit) => object) => () => {
  const e = edit();
  return definePipeline({ events: { edit: e }, metrics: { m: metric(e, loose({ measures: { n: count() }, ...of(e) })) } });
};
const withEntity = (of: (e: Edit) => object) => () => {
  const e = edit();
  return definePipeline({ events: { edit: e }, metrics: {}, entities: { page: entity(e, loose({ key: e.page, fields: { n: count() }, ...of(e) })) } });
};

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
    'top of an array',
    withMetric((e) => ({ measures: { x: top(loose(e.tags)) } })),
    "metric 'm', measure 'x': top takes text, an integer or a boolean; 'tags' is other. Fix: give the schema a simple type: a bare transform has none, .pipe(z.int()) or .pipe(z.string()) gives it one.",
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
  [
    'a condition that && drops',
    withMetric((e) => ({ where: loose(gt(e.added, 1)) && not(e.isRobot) })),
    "event 'edit': gt('added', 1) was made, but is part of no metric and no entity. Fix: write and(a, b), or(a, b), not(a) where && || ! ?: are, and drop what is not needed.",
  ],
  [
    'a condition that a ternary drops',
    withMetric((e) => ({ where: loose(eq(e.page, 'x')) ? e.isRobot : not(e.isRobot) })),
    "event 'edit': eq('page', \"x\") was made, but is part of no metric and no entity. Fix: write and(a, b), or(a, b), not(a) where && || ! ?: are, and drop what is not needed.",
  ],
  [
    'a measure that is made and dropped',
    withMetric((e) => ({ measures: { x: loose(sum(e.added)) && sum(e.price) } })),
    "event 'edit': sum('added') was made, but is part of no metric and no entity. Fix: write and(a, b), or(a, b), not(a) where && || ! ?: are, and drop what is not needed.",
  ],
  [
    'a search field that is no text',
    withEntity(() => ({ search: ['n'] })),
    "entity 'page', search: Expected text fields, got 'n'. Fix: name fields such as title: latest(edit.page).",
  ],
  [
    'a search field that is not there',
    withEntity((e) => ({ fields: { title: latest(e.page) }, search: ['titel'] })),
    "entity 'page', search: Expected some of title, got 'titel'. Fix: write 'title'.",
  ],
  [
    'a metric that is none',
    () => definePipeline({ events: { order }, metrics: { m: loose({ measures: {} }), n: loose(count) } }),
    "metric 'm': Expected one of the events { order }, got undefined. Fix: add the event to events, or count one that is there.",
  ],
  [
    'a misspelt part of the pipeline',
    () => definePipeline(loose({ events: { order }, metrics: {}, entites: {} })),
    "pipeline: Expected events, metrics or entities, got 'entites'. Fix: write entities.",
  ],
  [
    'a tombstone that is no condition',
    withEntity((e) => ({ tombstone: e.page })),
    "entity 'page', tombstone: Expected a condition, 'page' is text. Fix: write one such as eq(edit.page, …).",
  ],
  [
    'a misspelt part of an entity',
    withEntity((e) => ({ tombstones: e.isRobot })),
    "entity 'page': Expected key, fields, search or tombstone, got 'tombstones'. Fix: write tombstone.",
  ],
  [
    'an entity key of decimals',
    withEntity((e) => ({ key: e.price })),
    "entity 'page', key: Expected text or an integer, 'price' is decimal. Fix: take another field.",
  ],
  [
    'an entity field of another kind',
    withEntity((e) => ({ fields: { x: sum(loose(e.page)) } })),
    "entity 'page', field 'x': sum takes an integer, z.int(), or a decimal(scale); 'page' is text. Fix: take another field, or change its schema.",
  ],
  [
    'a metric of an event that is not there',
    () => definePipeline({ events: { edit: edit() }, metrics: { m: metric(order, { measures: { n: count() } }) } }),
    "metric 'm': its event is not among events: { edit }. Fix: add the event to events, or count one that is there.",
  ],
  [
    'a metric with an odd name',
    () => definePipeline({ events: { order }, metrics: { 'a b': metric(order, { measures: { n: count() } }) } }),
    "metric 'a b': Expected a name of letters, digits and _ that starts with a letter. Fix: rename it.",
  ],
  [
    'an event without a time',
    () => definePipeline({ events: { e: event(z.object({ a: z.boolean() }), loose({ time: 'at' })) }, metrics: {} }),
    "event 'e': time: Expected one of its fields (a), got 'at'. Fix: name the field that holds the time.",
  ],
  [
    'an event whose time is a boolean',
    () => definePipeline({ events: { e: event(z.object({ a: z.boolean() }), loose({ time: 'a' })) }, metrics: {} }),
    "event 'e': time: Expected text or integer, 'a' is boolean. Fix: name another field, or change its schema.",
  ],
  [
    'an event that is a schema',
    () => definePipeline({ events: { e: loose(z.object({})) }, metrics: {} }),
    "event 'e': Expected event(schema, { time }), got an object. Fix: write e: event(z.object({ … }), { time: '…' }).",
  ],
  [
    'a field with a quote',
    () => {
      const e = event(z.object({ at: z.string(), 'a"b': z.int() }), { time: 'at' });
      return definePipeline({ events: { e }, metrics: { m: metric(e, { measures: { x: sum(e['a"b']) } }) } });
    },
    `metric 'm', measure 'x': Expected a field name without quotes, backslashes, * and control characters, got "a\\"b". Fix: rename the field.`,
  ],
])('given %s, then loading fails, and names the place, what was expected, what came and the fix', (_, define, message) => {
  expect(define).toThrow(DefinitionError);
  expect(define).toThrow(expect.objectContaining({ message }));
});

test('given a scale of ten, then it is refused where it is written', () =>
  expect(() => decimal(10)).toThrow(new RangeError('decimal: Expected a scale from 0 to 9, got 10')));

test('given the bundled pipelines, then they load, with plain JSON for definitions', () => {
  for (const { metrics } of [wikipedia, orders])
    for (const { definition } of Object.values(metrics)) expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
});

test('given two definitions that say the same in another order of keys, then their hashes are equal; any other change gives another hash', () => {
  const e = edit();
  const hashOf = (definition: object) => definePipeline({ events: { edit: e }, metrics: { m: metric(e, loose(definition)) } }).metrics.m?.hash;
  const plain = hashOf({ measures: { x: sum(e.score, { scale: 2 }), n: count() }, where: gt(e.added, 1), window: '5m' });
  expect(hashOf({ window: '5m', where: gt(e.added, 1), measures: { x: sum(e.score, { scale: 2 }), n: count() } })).toBe(plain);
  const others = [
    hashOf({ measures: { x: sum(e.score, { scale: 3 }), n: count() }, where: gt(e.added, 1), window: '5m' }),
    hashOf({ measures: { x: sum(e.score, { scale: 2 }), n: count() }, where: gt(e.added, 2), window: '5m' }),
    hashOf({ measures: { x: sum(e.score, { scale: 2 }), n: count() }, where: gt(e.added, 1), window: '1m' }),
    hashOf({ measures: { x: sum(e.score, { scale: 2 }), n: count() }, where: gt(e.added, 1), window: '5m', buckets: 2 }),
    hashOf({ measures: { x: sum(e.price), n: count() }, where: gt(e.added, 1), window: '5m' }),
    hashOf({ measures: { n: count(), x: sum(e.score, { scale: 2 }) }, where: gt(e.added, 1), window: '5m' }),
    hashOf({ dimensions: { p: e.page }, measures: { x: sum(e.score, { scale: 2 }), n: count() }, where: gt(e.added, 1), window: '5m' }),
  ];
  expect(new Set([plain, ...others]).size).toBe(others.length + 1);
});
