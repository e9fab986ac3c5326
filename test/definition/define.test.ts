import { z } from 'zod';
import wikipedia from '../../pipeline.ts';
import { count, decimal, definePipeline, eq, event, gt, latest, metric, not, sum } from '../../shared/pipeline.ts';
import orders from '../support/orders.ts';
import { edit, expectRefused, loose, order, withEntity, withMetric } from './edits.ts';

test.each<[string, () => unknown, string]>([
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
])('given %s, then loading fails, and names the place, what was expected, what came and the fix', (_, define, message) => expectRefused(define, message));

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
