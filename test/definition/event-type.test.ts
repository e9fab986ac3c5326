import { z } from 'zod';
import { EXPRESSION, type Expression } from '../../shared/definition/expression.ts';
import { kindOf, scaleOf } from '../../shared/definition/kinds.ts';
import { count, decimal, definePipeline, event, metric, sum, uniques } from '../../shared/pipeline.ts';

const nodeOf = (expression: Expression) => {
  const meaning = expression[EXPRESSION];
  return 'node' in meaning ? meaning.node : null;
};

test.each<[string, z.ZodType, string]>([
  ['z.string()', z.string(), 'text'],
  ['z.email()', z.email(), 'text'],
  ['z.iso.datetime()', z.iso.datetime(), 'text'],
  ['z.enum', z.enum(['a', 'b']), 'text'],
  ['a text literal', z.literal('a'), 'text'],
  ['a boolean literal', z.literal(true), 'boolean'],
  ['mixed literals', z.literal(['a', 1]), 'other'],
  ['a template literal', z.templateLiteral(['a', z.int()]), 'text'],
  ['z.boolean()', z.boolean(), 'boolean'],
  ['z.int()', z.int(), 'integer'],
  ['z.number().int()', z.number().int(), 'integer'],
  ['z.int32()', z.int32(), 'integer'],
  ['z.number()', z.number(), 'float'],
  ['z.number().min(1)', z.number().min(1), 'float'],
  ['decimal(2)', decimal(2), 'decimal'],
  ['decimal(2).optional()', decimal(2).optional(), 'decimal'],
  ['decimal(2).min(1).nullish()', decimal(2).nullish(), 'decimal'],
  ['z.object', z.object({}), 'object'],
  ['z.array', z.array(z.string()), 'array'],
  ['z.array of objects', z.array(z.object({})).optional(), 'array'],
  ['z.array of arrays', z.array(z.array(z.string())), 'other'],
  ['z.array of anything', z.array(z.any()), 'other'],
  ['z.date()', z.date(), 'other'],
  ['z.bigint()', z.bigint(), 'other'],
  ['z.any()', z.any(), 'other'],
  ['z.union', z.union([z.string(), z.int()]), 'other'],
  ['a bare transform', z.string().transform(Number), 'other'],
  ['a transform with a pipe', z.string().transform(Number).pipe(z.int()), 'integer'],
  ['a preprocessed number', z.preprocess(Number, z.int()), 'integer'],
  ['everything optional around it', z.int().optional().nullable().default(1).readonly().catch(2), 'integer'],
])('given %s, then its kind is known', (_, schema, kind) => expect(kindOf(schema)).toBe(kind));

test('given a decimal in wrappers, then its scale is kept', () => {
  expect([scaleOf(decimal(2)), scaleOf(decimal(9).nullish().default(0)), scaleOf(z.number())]).toEqual([2, 9, undefined]);
});

test('given an event, then its properties are its fields, nested ones too, with kinds, scales and paths', () => {
  const order = event(
    z.object({
      at: z.iso.datetime(),
      price: decimal(2).nullish(),
      customer: z.object({ address: z.object({ country: z.string() }).optional() }),
      'odd-name': z.int(),
    }),
    { time: 'at' },
  );
  expect(nodeOf(order.price)).toEqual({ op: 'field', kind: 'decimal', scale: 2, path: ['price'] });
  expect(nodeOf(order.customer.address.country)).toEqual({ op: 'field', kind: 'text', path: ['customer', 'address', 'country'] });
  expect(nodeOf(order['odd-name'])).toEqual({ op: 'field', kind: 'integer', path: ['odd-name'] });
  expect(Object.keys(order)).toEqual(['at', 'price', 'customer', 'odd-name']);
});

test("given the field of the event's time, then it means the canonical time; a field of that name deeper down does not", () => {
  const e = event(z.object({ at: z.string(), inner: z.object({ at: z.string() }) }), { time: 'at' });
  expect([nodeOf(e.at), nodeOf(e.inner.at)]).toEqual([
    { op: 'time', kind: 'text' },
    { op: 'field', kind: 'text', path: ['inner', 'at'] },
  ]);
  const ms = event(z.object({ at: z.int() }), { time: 'at' });
  expect(nodeOf(ms.at)).toEqual({ op: 'field', kind: 'integer', path: ['at'] });
});

test('given one field used in several metrics, then each use counts, and none is taken for a mistake', () => {
  const e = event(z.object({ at: z.string(), a: z.int(), b: z.object({ c: z.string() }) }), { time: 'at' });
  const pipeline = definePipeline({
    events: { e },
    metrics: {
      one: metric(e, { dimensions: { by: e.a, c: e.b.c }, measures: { a: sum(e.a) } }),
      two: metric(e, { window: '1h', measures: { n: count(), c: uniques(e.b.c) } }),
    },
  });
  expect(Object.values(pipeline.metrics).map(({ name, definition }) => [name, definition.event, definition.window, definition.buckets])).toEqual([
    ['one', 'e', '1m', 1],
    ['two', 'e', '1h', 1],
  ]);
});

test('given two events of one schema, then they are two', () => {
  const schema = z.object({ at: z.string(), a: z.int() });
  const [x, y] = [event(schema, { time: 'at' }), event(schema, { time: 'at' })];
  expect(() => definePipeline({ events: { x }, metrics: { m: metric(x, { measures: { a: sum(y.a) } }) } })).toThrow("'a' belongs to another event");
});
