import { z } from 'zod';
import { compileFold } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { count, decimal, definePipeline, each, entity, event, latest, metric, mul, sum } from '../../shared/pipeline.ts';
import { countedBy } from '../support/fold.ts';
import { expectRefused, loose } from './edits.ts';

const basket = () =>
  event(
    z.object({
      at: z.iso.datetime(),
      country: z.string(),
      tags: z.array(z.string().nullable()).optional(),
      items: z.array(z.object({ sku: z.string(), price: decimal(2), quantity: z.int(), options: z.array(z.string()).optional() })),
    }),
    { time: 'at' },
  );
type Basket = ReturnType<typeof basket>;
const counting = (of: (b: Basket) => { on: unknown } & object) => () => {
  const b = basket();
  const { on, ...definition } = of(b);
  return definePipeline({ events: { basket: b }, metrics: { m: metric(loose(on), loose({ measures: { n: count() }, ...definition })) } });
};

test('given a metric over the items of an array, then its definition says which, and reads fields of both', () => {
  const { definition } = counting((b) => ({
    on: each(b.items),
    dimensions: { sku: b.items.sku, country: b.country },
    measures: { revenue: sum(mul(b.items.price, b.items.quantity)) },
  }))().metrics.m as never as { definition: unknown };
  expect(definition).toMatchObject({
    each: { path: ['items'], kind: 'object' },
    dimensions: [
      { name: 'sku', of: { op: 'item', kind: 'text', of: ['items'], path: ['sku'] } },
      { name: 'country', of: { op: 'field', kind: 'text', path: ['country'] } },
    ],
    measures: [{ of: { op: 'mul', args: [{ op: 'item', kind: 'decimal', scale: 2, of: ['items'], path: ['price'] }, { op: 'item' }] } }],
  });
});

const itemsOf = (of: (b: Basket) => { on: unknown } & object, data: object): unknown[] => {
  const fold = compileFold(counting(of)().metrics.m?.definition as never);
  return countedBy(fold, { id: '1', source: '/', type: 'basket', time: '2026-11-30T10:00:00.000Z', data } as never as StoredEvent).map((one) => fold.key(one));
};

test.each([
  ['an empty array', [], []],
  ['no array', undefined, []],
  ['null', null, []],
  ['something else than an array', 'a', []],
  ['items of another kind and null among others', [null, 1, 'a', ['b'], { sku: 'c' }, { sku: 1 }, {}], ['["c"]', '[null]', '[null]']],
])('given %s, then its objects are counted, and nothing else', (_, items, keys) =>
  expect(itemsOf((b) => ({ on: each(b.items), dimensions: { sku: b.items.sku } }), { items })).toEqual(keys),
);

test('given an array of texts, then its own name is the item, and what is no text is not counted', () =>
  expect(itemsOf((b) => ({ on: each(b.tags), dimensions: { tag: b.tags } }), { tags: ['a', '', null, 3, 'a'] })).toEqual(['["a"]', '[""]', '["a"]']));

test.each<[string, () => unknown, string]>([
  [
    "an item's field in a metric of events",
    counting((b) => ({ on: b, measures: { x: sum(b.items.price) } })),
    "metric 'm', measure 'x': Expected a field of the event, 'items[].price' is of an array's items. Fix: count them in a metric of their own: metric(each(basket.items), { … }).",
  ],
  [
    'an array of texts where a text is wanted',
    counting((b) => ({ on: b, measures: { x: latest(b.tags) } })),
    "metric 'm', measure 'x': Expected a field of the event, 'tags[]' is of an array's items. Fix: count them in a metric of their own: metric(each(basket.tags), { … }).",
  ],
  [
    'two arrays in one metric',
    counting((b) => ({ on: each(b.items), dimensions: { tag: b.tags } })),
    "metric 'm', dimension 'tag': Expected items of 'items', 'tags[]' is of another array's. Fix: count it in a metric of its own: metric(each(basket.tags), { … }).",
  ],
  [
    'each of a text',
    counting((b) => ({ on: each(loose(b.country)) })),
    "metric 'm': each takes an array of the event; 'country' is text. Fix: name a field whose schema is z.array(…) of objects, texts, numbers or booleans.",
  ],
  [
    'each of an array in an array',
    counting((b) => ({ on: each(loose(b.items.options)) })),
    "metric 'm': each takes an array of the event; 'items[].options' is array. Fix: name a field whose schema is z.array(…) of objects, texts, numbers or booleans.",
  ],
  [
    'each of a misspelt field',
    counting((b) => ({ on: each(loose((b as never as Record<string, unknown>).itms)) })),
    "metric 'm': each: Expected a field or an expression, got undefined: basket has no field 'itms', it has at, country, tags, items. Fix: write basket.items.",
  ],
  [
    'an array in an array as a value',
    counting((b) => ({ on: each(b.items), measures: { x: latest(loose(b.items.options)) } })),
    "metric 'm', measure 'x': latest takes a simple value; 'items[].options' is array. Fix: count its items in a metric of their own: metric(each(…), { … }).",
  ],
  [
    'an entity of items',
    () => {
      const b = basket();
      return definePipeline({
        events: { basket: b },
        metrics: {},
        entities: { e: entity(loose(each(b.items)), loose({ key: b.country, fields: { n: count() } })) },
      });
    },
    "entity 'e': Expected one of the events, got each(…). Fix: make an entity of the event; a metric may count items.",
  ],
  [
    "an entity's field of items",
    () => {
      const b = basket();
      return definePipeline({
        events: { basket: b },
        metrics: {},
        entities: { e: entity(b, loose({ key: b.country, fields: { n: sum(b.items.quantity) } })) },
      });
    },
    "entity 'e', field 'n': Expected a field of the event, 'items[].quantity' is of an array's items. Fix: count them in a metric of their own: metric(each(basket.items), { … }).",
  ],
])('given %s, then loading fails, and says what to write', (_, define, message) => expectRefused(define, message));
