import {
  and,
  coalesce,
  count,
  definePipeline,
  entity,
  eq,
  gt,
  histogram,
  in_,
  latest,
  lower,
  metric,
  or,
  quantiles,
  sum,
  top,
  uniques,
} from '../../shared/pipeline.ts';

import { type Access, accessEvent, type Loose, loose, messageOf, order, untypedOf } from './access-event.ts';

/** The error of a metric whose parts the compiler has not seen. */
const errorOf = (of: (access: Access, untyped: Loose) => object): string =>
  messageOf(() => {
    const access = accessEvent();
    return definePipeline({ events: { access }, metrics: { hits: metric(access, loose({ measures: { n: count() }, ...of(access, loose(access)) })) } });
  });

const FIELDS = 'time, method, path, price, bytes, isBot, geo';

test.each<[string, (access: Access, untyped: Loose) => object, string]>([
  [
    'a misspelt field in a measure',
    (_, access) => ({ measures: { x: uniques(loose(access.methd)) } }),
    `measure 'x': uniques: Expected a field or an expression, got undefined: access has no field 'methd', it has ${FIELDS}. Fix: write access.method.`,
  ],
  [
    'a misspelt field as a dimension',
    (_, access) => ({ dimensions: { m: access.mehtod, p: access.path } }),
    `dimension 'm': Expected a field or an expression, got undefined: access has no field 'mehtod', it has ${FIELDS}. Fix: write access.method.`,
  ],
  [
    'a misspelt field deeper down',
    (access) => ({ measures: { x: top(loose(untypedOf(access.geo).contry)) } }),
    "measure 'x': top: Expected a field or an expression, got undefined: access.geo has no field 'contry', it has country. Fix: write access.geo.country.",
  ],
  [
    'a field that is nothing like any',
    (_, access) => ({ where: eq(access.customer ?? loose(undefined), loose('x')) }),
    `where: eq: Expected a field or an expression, got undefined: access has no field 'customer', it has ${FIELDS}. Fix: take one of these.`,
  ],
  [
    'a field of the right side that is misspelt',
    (access, untyped) => ({ where: eq(access.bytes, untyped.byts ?? loose(undefined)) }),
    `where: eq: Expected a field or an expression, got undefined: access has no field 'byts', it has ${FIELDS}. Fix: write access.bytes.`,
  ],
  [
    'undefined from elsewhere, after a field was misread',
    (access, untyped) => {
      const nothing: unknown = untyped.methd;
      return { measures: { n: sum(access.bytes), x: sum(loose([access.price, nothing][2])) } };
    },
    "measure 'x': sum: Expected a field or an expression, got undefined. Fix: write a field such as access.method.",
  ],
  [
    'arithmetic',
    (_, access) => ({ measures: { x: sum(loose((access.price ?? 0) * 2)) } }),
    "measure 'x': sum: Expected a field or an expression, got NaN, which a JavaScript operator made of 'price'. Fix: write add, sub, mul or div for + - * /: metrics run as SQL too, which has no JavaScript operators.",
  ],
  [
    'a comparison of JavaScript',
    (_, access) => ({ where: loose(access.price) > 5 }),
    "where: Expected a field or an expression, got false, which a JavaScript operator made of 'price'. Fix: write gt, gte, lt, lte and eq for comparisons, and(a, b), or(a, b), not(a) for && || !.",
  ],
  [
    'a strict comparison',
    (_, access) => ({ where: loose(access.method) === 'GET' }),
    'where: Expected a field or an expression, got false. Fix: write gt, gte, lt, lte and eq for comparisons, and(a, b), or(a, b), not(a) for && || !, and eq for ===.',
  ],
  [
    'text where a field is meant',
    () => ({ measures: { x: sum(loose('bytes')) } }),
    `measure 'x': sum: Expected a field or an expression, got "bytes". Fix: write a field such as access.bytes, without quotes.`,
  ],
  [
    'nothing where a field is meant',
    () => ({ measures: { x: sum(loose(undefined)) } }),
    "measure 'x': sum: Expected a field or an expression, got undefined. Fix: write a field such as access.method.",
  ],
  [
    'a function as a dimension',
    () => ({ dimensions: { d: lower } }),
    "dimension 'd': Expected a field or an expression, got the function lower. Fix: call it, as in lower(access.method).",
  ],
  [
    'a measure as a dimension',
    (access) => ({ dimensions: { d: sum(access.bytes) } }),
    "dimension 'd': Expected a field or an expression, got the measure sum. Fix: write a field such as access.method.",
  ],
  ['forgotten parentheses', () => ({ measures: { a: count } }), "measure 'a': Expected a measure such as count(), got the function count. Fix: write count()."],
  [
    'a measure without its field',
    () => ({ measures: { a: sum } }),
    "measure 'a': Expected a measure such as count(), got the function sum. Fix: write sum(access.method), with its field.",
  ],
  [
    'a field as a measure',
    (access) => ({ measures: { a: access.path } }),
    "measure 'a': Expected a measure such as count(), got 'path'. Fix: write what to compute of it, such as uniques(access.path).",
  ],
  [
    'a number as a measure',
    () => ({ measures: { a: 5 } }),
    "measure 'a': Expected a measure such as count(), got 5. Fix: take one of count, sum, min, max, mean, variance, stddev, uniques, distinct, quantiles, histogram, top, latest, first.",
  ],
  [
    'a field to count',
    (access) => ({ measures: { x: count(loose(access.path)) } }),
    "measure 'x': count: Expected nothing or { where }, got a field. Fix: write count(), or count({ where: exists(access.method) }) for events that have a value.",
  ],
  [
    'a condition that is none',
    (access) => ({ measures: { x: sum(access.bytes, { where: loose(access.path) }) } }),
    "measure 'x': where takes a condition; 'path' is text. Fix: take another field, or change its schema.",
  ],
  [
    'a histogram of neither',
    (access) => ({ measures: { x: histogram(access.bytes, {}) } }),
    "measure 'x': histogram: 'bytes' is integer; Expected either { step } or { bounds }. Fix: write one such as { step: 10 } or { bounds: [1, 10, 100] }.",
  ],
  [
    'a step between the decimals that there are',
    (access) => ({ measures: { x: histogram(access.price, { step: 0.125 }) } }),
    "measure 'x': histogram: 'price' is decimal; Expected a step of at most 2 decimals, got 0.125. Fix: take a multiple of what the values differ by.",
  ],
  [
    'an option that there is not',
    (access) => ({ measures: { x: top(access.path, loose({ most: access.bytes })) } }),
    "measure 'x': top: Expected the options keep, limit, got 'most'. Fix: leave it out; top takes keep (a whole number from 10 to 10,000) and limit (a whole number from 1 to 1,000).",
  ],
  [
    'a misspelt option',
    (access) => ({ measures: { x: top(access.path, loose({ limt: 3 })) } }),
    "measure 'x': top: Expected the options keep, limit, got 'limt'. Fix: write limit.",
  ],
  [
    'an option of a measure without any',
    (access) => ({ measures: { x: { ...uniques(access.path), options: { p: 1 } } } }),
    "measure 'x': uniques: Expected no options, got 'p'. Fix: leave it out.",
  ],
  [
    'a fraction as a percentile',
    (access) => ({ measures: { x: quantiles(access.bytes, { p: [0.95] }) } }),
    "measure 'x': quantiles: p: Expected 1 to 20 percentiles from 1 to 99.99, got [0.95]. Fix: write it as in { p: [50, 95] }.",
  ],
  [
    'a comparison of two kinds',
    (access) => ({ where: eq(access.isBot, loose('yes')) }),
    `where: eq: Expected both sides of one kind, got 'isBot' (boolean) and "yes" (text). Fix: compare it with a value of kind boolean.`,
  ],
  [
    'an ordering of booleans',
    (access) => ({ where: gt(loose(access.isBot), loose(true)) }),
    "where: gt takes a number or text; 'isBot' is boolean. Fix: take another field, or change its schema.",
  ],
  [
    'a comparison with NaN',
    (access) => ({ where: eq(access.bytes, Number.NaN) }),
    'where: eq: Expected a field or an expression, got NaN. Fix: write a field such as access.method.',
  ],
  ['an empty list', (access) => ({ where: in_(access.path, []) }), "where: in_: Expected a list of at least one value. Fix: write one such as ['a', 'b']."],
  ['no list', (access) => ({ where: in_(access.path, loose('/')) }), "where: in_: Expected a list of at least one value. Fix: write one such as ['a', 'b']."],
  [
    'conditions that are none',
    (access) => ({ where: and(loose(access.path)) }),
    "where: and takes conditions; 'path' is text. Fix: take another field, or change its schema.",
  ],
  ['no conditions', () => ({ where: or() }), 'where: or: Expected at least one field, got nothing. Fix: give it a field of the event.'],
  [
    'fields of two events',
    (access) => ({ where: eq(access.bytes, loose(order.price)) }),
    "where: eq: Expected fields of one event, got fields of two: 'bytes', 'price'. Fix: take fields of the metric's own event.",
  ],
  [
    'a default of another kind',
    (access) => ({ dimensions: { d: coalesce(access.path, loose(0)) } }),
    "dimension 'd': coalesce: Expected both of one kind and scale, got 'path' (text) and 0 (integer). Fix: give it a default of kind text.",
  ],
  [
    'a default of more decimals',
    (access) => ({ measures: { x: sum(coalesce(access.price, 0.001)) } }),
    "measure 'x': coalesce: Expected both of one kind and scale, got 'price' (decimal(2)) and 0.001 (float). Fix: give it a default of kind decimal(2).",
  ],
  [
    'a mistake deep inside',
    (access, untyped) => ({ where: and(eq(access.isBot, false), eq(lower(untyped.pth ?? loose(undefined)), 'x')) }),
    `where: lower: Expected a field or an expression, got undefined: access has no field 'pth', it has ${FIELDS}. Fix: write access.path.`,
  ],
])('given %s, then loading fails, and names the metric, the part, what was typed, what there is, and the fix', (_, of, message) => {
  expect(errorOf(of)).toBe(`metric 'hits', ${message}`);
});

test('given a mistake in an entity, then the error names it', () => {
  const access = accessEvent();
  const define = (definition: object) =>
    messageOf(() => definePipeline({ events: { access }, metrics: {}, entities: { page: entity(access, loose(definition)) } }));
  expect(define({ key: untypedOf(access).pat, fields: {} })).toBe(
    `entity 'page', key: Expected a field or an expression, got undefined: access has no field 'pat', it has ${FIELDS}. Fix: write access.path.`,
  );
  expect(define({ key: access.path, fields: { last: latest(loose('path')) } })).toBe(
    `entity 'page', field 'last': latest: Expected a field or an expression, got "path". Fix: write a field such as access.path, without quotes.`,
  );
});

test('given a mistake in an expression that && drops, then it is reported as the mistake that it is', () =>
  expect(errorOf((access, untyped) => ({ where: loose(eq(untyped.methd ?? loose(undefined), loose('GET'))) && eq(access.path, '/') }))).toBe(
    `event 'access': eq: Expected a field or an expression, got undefined: access has no field 'methd', it has ${FIELDS}. Fix: write access.method.`,
  ));
