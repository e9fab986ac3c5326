import { z } from 'zod';
import { EXPRESSION, type Expression } from '../../shared/definition/expression.ts';
import { compileExpression } from '../../shared/fold/evaluate.ts';
import type { Json } from '../../shared/measures/measure.ts';
import type { Value } from '../../shared/operators/operator.ts';
import {
  add,
  bucket,
  concat,
  contains,
  count,
  decimal,
  definePipeline,
  div,
  eq,
  event,
  floor,
  length,
  matches,
  metric,
  mul,
  part,
  round,
  startsWith,
  sub,
  sum,
  trim,
  upper,
  urlPath,
  urlQuery,
  when,
} from '../../shared/pipeline.ts';

const thing = () =>
  event(
    z.object({ at: z.iso.datetime(), n: z.int(), m: z.int(), price: decimal(2), rate: decimal(3), x: z.number(), y: z.number(), t: z.string(), u: z.string() }),
    { time: 'at' },
  );
type Thing = ReturnType<typeof thing>;

const valueIn = (make: (of: Thing) => Expression, data: Readonly<Record<string, Json>>): Value => {
  const meaning = make(thing())[EXPRESSION];
  if ('mistake' in meaning) throw new TypeError(JSON.stringify(meaning.mistake('thing', 't')));
  return compileExpression(meaning.node)({ id: 'a', source: '/s', type: 'thing', time: '2026-11-30T00:00:00.000Z', data });
};
const MAX = Number.MAX_SAFE_INTEGER;

describe('arithmetic', () => {
  test.each<[string, (of: Thing) => Expression, Readonly<Record<string, Json>>, Value]>([
    ['decimals are exact, where doubles are not', ({ price, rate }) => add(price, rate), { price: 0.1, rate: 0.2 }, 0.3],
    ['a price times a quantity', ({ price, n }) => mul(price, n), { price: 19.99, n: 3 }, 59.97],
    ['a price times a constant', ({ price }) => mul(price, 0.19), { price: 9.99 }, 1.8981],
    ['tax, rounded to cents', ({ price }) => round(mul(price, 0.19), 2), { price: 9.99 }, 1.9],
    ['a difference of an integer and a decimal', ({ n, price }) => sub(n, price), { n: 1, price: 0.01 }, 0.99],
    ['integers up to 2^53', ({ n }) => add(n, 1), { n: MAX - 1 }, MAX],
    ['nothing past 2^53', ({ n }) => add(n, 1), { n: MAX }, null],
    ['nothing past 2^53, where the double would be one of them', ({ n, m }) => mul(n, m), { n: 94906267, m: 94906267 }, null],
    ['a product just below 2^53', ({ n, m }) => mul(n, m), { n: 94906265, m: 94906265 }, 9007199136250225],
    ['nothing past 2^51 units of a decimal', ({ price }) => mul(price, 1_000), { price: 22517998136.86 }, null],
    ['a missing side', ({ n, m }) => add(n, m), { n: 1 }, null],
    ['a float past 8e307', ({ x }) => mul(x, 10), { x: 5e307 }, null],
    ['no negative zero', ({ n }) => mul(n, -1), { n: 0 }, 0],
    ['a quotient', ({ n, m }) => div(n, m), { n: 1, m: 3 }, 1 / 3],
    ['a quotient of decimals', ({ price, rate }) => div(price, rate), { price: 0.3, rate: 0.1 }, 0.3 / 0.1],
    ['nothing by nothing', ({ n, m }) => div(n, m), { n: 1, m: 0 }, null],
    ['a half rounded up', ({ x }) => round(x), { x: 2.5 }, 3],
    ['a negative half rounded up', ({ x }) => round(x), { x: -2.5 }, -2],
    ['just below a half', ({ x }) => round(x), { x: 0.49999999999999994 }, 0],
    ['a decimal rounded as the number that it is', ({ rate }) => round(rate, 2), { rate: 1.005 }, 1.01],
    ['more digits than there are', ({ price }) => round(price, 4), { price: 1.25 }, 1.25],
    ['a float past 2^53 has no whole number', ({ x }) => round(x), { x: 1e16 }, null],
    ['the next whole number below', ({ x }) => floor(x), { x: -0.5 }, -1],
    ['the whole part of a decimal', ({ price }) => floor(price), { price: 2.99 }, 2],
  ])('given %s', (_, make, data, value) => expect(valueIn(make, data)).toBe(value));
});

describe('choices', () => {
  test.each<[Json, string]>([
    [5, 'large'],
    [1, 'small'],
    [null, 'small'],
  ])('given %j, then when takes the second value unless the condition is true', (n, value) =>
    expect(valueIn((of) => when(eq(of.n, 5), 'large', 'small'), { n })).toBe(value),
  );
  test('given numbers of two kinds, then when has the kind of both', () => {
    expect(valueIn((of) => add(when(eq(of.n, 1), of.price, 0), of.rate), { n: 0, price: 1.5, rate: 0.125 })).toBe(0.125);
  });
  test.each<[Json, Value, Value]>([
    [-1, null, null],
    [0, 0, '0'],
    [9.99, 0, '0'],
    [10, 10, '0'],
    [1e9, 100, '12.5'],
    [null, null, null],
  ])('given %j, then a bucket is named by its lower bound', (x, whole, text) => {
    expect(valueIn((of) => bucket(of.x, [0, 10, 100]), { x })).toBe(whole);
    expect(valueIn((of) => bucket(of.x, [0, 12.5]), { x })).toBe(text);
  });
});

describe('texts', () => {
  test.each<[string, (of: Thing) => Expression, Readonly<Record<string, Json>>, Value]>([
    ['upper case', ({ t }) => upper(t), { t: 'straße é' }, 'STRAßE É'],
    ['ends without white space', ({ t }) => trim(t), { t: '\t a b\r\n' }, 'a b'],
    ['white space past ASCII, which stays', ({ t }) => trim(t), { t: '\u00a0a' }, '\u00a0a'],
    ['a length in characters', ({ t }) => length(t), { t: 'a😀é' }, 3],
    ['texts joined', ({ t, u }) => concat(t, '/', u), { t: 'a', u: 'b' }, 'a/b'],
    ['texts joined, one of which is missing', ({ t, u }) => concat(t, u), { t: 'a' }, null],
    ['a part', ({ t }) => part(t, '/', 3), { t: '/shop/shoes' }, 'shoes'],
    ['an empty part', ({ t }) => part(t, '/', 1), { t: '/shop' }, ''],
    ['a part past the last', ({ t }) => part(t, '/', 3), { t: '/shop' }, null],
    ['a beginning', ({ t }) => startsWith(t, '/blog'), { t: '/blog/1' }, true],
    ['every text begins with nothing', ({ t }) => startsWith(t, ''), { t: '' }, true],
    ['a text in another', ({ t, u }) => contains(t, u), { t: 'robot', u: 'bot' }, true],
    ['case in another', ({ t }) => contains(t, 'BOT'), { t: 'robot' }, false],
    ['a match', ({ t }) => matches(t, '^/products/\\d+$'), { t: '/products/12' }, true],
    ['a line end after what matches', ({ t }) => matches(t, '^a$'), { t: 'a\n' }, false],
    ['4,096 characters', ({ t }) => matches(t, 'b$'), { t: `${'a'.repeat(4_095)}b` }, true],
    ['4,096 characters of two units', ({ t }) => matches(t, 'b$'), { t: `${'😀'.repeat(4_095)}b` }, true],
    ['more than 4,096 characters', ({ t }) => matches(t, 'b$'), { t: `${'a'.repeat(4_096)}b` }, null],
    ['a path', ({ t }) => urlPath(t), { t: 'https://a.example/b/c?d#e' }, '/b/c'],
    ['a URL without a path', ({ t }) => urlPath(t), { t: 'https://a.example?d' }, '/'],
    ['a path alone', ({ t }) => urlPath(t), { t: '/b#c' }, '/b'],
    ['what is no URL', ({ t }) => urlPath(t), { t: 'b/c' }, null],
    ['a parameter', ({ t }) => urlQuery(t, 'utm_source'), { t: '/?a=1&utm_source=news%20letter&utm_source=x#y' }, 'news%20letter'],
    ['a parameter whose name ends like another', ({ t }) => urlQuery(t, 'a'), { t: '/?ba=1&a=2' }, '2'],
    ['a parameter after #', ({ t }) => urlQuery(t, 'a'), { t: '/#?a=1' }, null],
    ['a parameter without a value', ({ t }) => urlQuery(t, 'a'), { t: '/?a=&b=1' }, null],
  ])('given %s', (_, make, data, value) => expect(valueIn(make, data)).toBe(value));
});

/** A value whose kind the compiler would refuse. */
const loose = (value: unknown): never => value as never;
const messageOf = (make: (of: Thing) => Expression): string => {
  const of = thing();
  try {
    definePipeline({ events: { thing: of }, metrics: { m: metric(of, { measures: { n: count(), x: sum(loose(make(of)), { scale: 2 }) } }) } });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Expected a pipeline that is refused');
};

test.each<[string, (of: Thing) => Expression, string]>([
  ['text in arithmetic', ({ t }) => add(loose(t), 1), "add takes numbers; 't' is text"],
  ['too many decimals', ({ rate }) => mul(mul(rate, rate), mul(rate, rate)), 'mul: Expected a result of at most 9 decimals, got 12'],
  ['a constant of too many', ({ price }) => mul(price, 1 / 3), 'mul: Expected a constant of at most 9 decimals, got 0.3333333333333333'],
  ['digits that are none', ({ x }) => round(x, 1.5), 'round: Expected 0 to 9 digits'],
  ['no field at all', () => add(1, 2), 'add: Expected at least one field, got 1, 2'],
  ['two kinds in a choice', ({ t, n }) => when(eq(n, 1), n, loose(t)), "when: Expected two values of one kind, got 'n' (integer) and 't' (text)"],
  ['bounds out of order', ({ x }) => bucket(x, [10, 0]), 'bucket: Expected 1 to 50 bounds in ascending order'],
  ['no bounds', ({ x }) => bucket(x, []), 'bucket: Expected 1 to 50 bounds in ascending order'],
  ['an empty separator', ({ t }) => part(t, '', 1), 'part: Expected a separator of at least one character'],
  ['a part 0', ({ t }) => part(t, '/', 0), 'part: Expected a place from 1 to 1000, got 0'],
  [
    'a pattern that engines read differently',
    ({ t }) => matches(t, '\\bfoo'),
    "matches: Expected one of \\d \\w \\s \\t \\n or a character that ^$\\.*+?()[]{}|/- has, got \\b at character 2 of '\\bfoo'",
  ],
  ['a slow pattern', ({ t }) => matches(t, '(a+)+$'), 'matches: Expected one way to go on in a repeated group, got two'],
  ['a parameter that is no name', ({ t }) => urlQuery(t, 'a=b'), 'urlQuery: Expected the name of a parameter'],
  [
    'calls nested past what an engine takes',
    ({ x }) => {
      let nested: Expression<'float', number> = div(x, 2);
      for (let i = 0; i < 14; i++) nested = div(nested, 2);
      return nested;
    },
    'Expected expressions of at most 150000 bytes of SQL',
  ],
])('given %s, then loading refuses it and says why', (_, make, message) => expect(messageOf(make)).toContain(message));
