import { z } from 'zod';
import { lookupsOf } from '../../shared/definition/lookups.ts';
import { count, definePipeline, entity, eq, latest, lookup, metric, sum, top, uniques, upper } from '../../shared/pipeline.ts';
import { edit, expectRefused, loose, withEntity, withMetric } from './edits.ts';

const FIELDS = z.object({ name: z.string(), tags: z.array(z.string()) });

test.each<[string, () => unknown, string]>([
  [
    'an odd table',
    withMetric((e) => ({ dimensions: { d: lookup('the country', { key: e.page }) } })),
    "metric 'm', dimension 'd': lookup: Expected a table's name of letters, digits, _ and - that starts with a letter, got \"the country\". Fix: rename it.",
  ],
  [
    'a key of decimals',
    withMetric((e) => ({ dimensions: { d: lookup('country', { key: loose(e.price) }) } })),
    "metric 'm', dimension 'd': lookup: Expected text or an integer as its key, 'price' is decimal. Fix: take another field.",
  ],
  [
    'a key that is looked up',
    withMetric((e) => ({ dimensions: { d: lookup('country', { key: lookup('city', { key: e.page }) }) } })),
    "metric 'm', dimension 'd': lookup: Expected a key that the event has, got one that is looked up. Fix: put the columns of both tables into one.",
  ],
  [
    'a column of arrays',
    withMetric((e) => ({ measures: { u: uniques(loose(lookup('country', { key: e.page, fields: FIELDS }).tags)) } })),
    "metric 'm', measure 'u': lookup: Expected columns of simple values, 'tags' is array. Fix: give it a schema such as z.string() or z.int().",
  ],
  [
    'an odd column',
    withMetric((e) => ({ dimensions: { d: lookup('country', { key: e.page, fields: z.object({ 'a"b': z.string() }) })['a"b'] } })),
    "metric 'm', dimension 'd': lookup: Expected a column's name without quotes, backslashes, * and control characters, got \"a\\\"b\". Fix: rename the column.",
  ],
  ['no key', withMetric(() => ({ dimensions: { d: lookup('country', loose({})) } })), expect.stringContaining("metric 'm', dimension 'd': ") as never],
  [
    'an entity',
    withEntity((e) => ({ fields: { n: count(), country: latest(lookup('country', { key: e.page })) } })),
    "entity 'page': Expected what its events say, got a lookup: entities are not computed again when reference data change. Fix: look it up in a metric.",
  ],
  [
    'an entity that ranks by it',
    withEntity((e) => ({ fields: { n: count(), tops: top(e.page, { by: sum(lookup('size', { key: e.page, fields: z.object({ n: z.int() }) }).n) }) } })),
    "entity 'page': Expected what its events say, got a lookup: entities are not computed again when reference data change. Fix: look it up in a metric.",
  ],
])('given %s, then it is refused at load', (_, define, message) => expectRefused(define, message));

test('given more tables than a function can hold, then they are refused', () => {
  const define = () => {
    const e = edit();
    const dimensions = Object.fromEntries(Array.from({ length: 9 }, (__, i) => [`d${i}`, lookup(`t${i}`, { key: e.page })]));
    return definePipeline({ events: { edit: e }, metrics: { m: metric(e, { dimensions, measures: { n: count() } }) } });
  };
  expectRefused(define, 'pipeline: Expected lookups of at most 8 tables, got 9. Fix: put columns with the same key into one table.');
});

test('given a lookup, then its columns are expressions, and those that nothing uses are no mistake', () => {
  const e = edit();
  const country = lookup('country', { key: e.page, fields: z.object({ name: z.string(), area: z.int(), isIsland: z.boolean() }) });
  const { m } = definePipeline({
    events: { edit: e },
    metrics: {
      m: metric(e, {
        dimensions: { name: country.name },
        measures: { n: count(), v: sum(lookup('size', { key: e.added, fields: z.object({ n: z.int() }) }).n) },
      }),
    },
    entities: { page: entity(e, { key: e.page, fields: { n: count() } }) },
  }).metrics;
  const page = { op: 'field', kind: 'text', path: ['page'] };
  expect(m?.definition.dimensions[0]?.of).toEqual({ op: 'lookup', kind: 'text', table: 'country', column: 'name', args: [page] });
  expect(m?.definition.measures[1]?.of).toMatchObject({ op: 'lookup', kind: 'integer', table: 'size', column: 'n' });
  const dropped = () => {
    const other = edit();
    eq(lookup('country', { key: other.page }), 'x');
    return definePipeline({ events: { edit: other }, metrics: { m: metric(other, { measures: { n: count() } }) } });
  };
  expectRefused(dropped, expect.stringContaining("event 'edit': eq('value' of lookup 'country', \"x\") was made, but is part of no metric") as never);
});

test('given lookups in each place of a metric, then all of them are found', () => {
  const e = edit();
  const number = (table: string) => lookup(table, { key: e.page, fields: z.object({ n: z.int() }) }).n;
  const { m } = definePipeline({
    events: { edit: e },
    metrics: {
      m: metric(e, {
        where: eq(lookup('a', { key: e.page }), 'x'),
        dimensions: { d: upper(lookup('b', { key: e.page })) },
        measures: { s: sum(number('c'), { where: eq(lookup('d', { key: e.page }), 'x') }), t: top(e.page, { by: sum(number('e')) }) },
      }),
    },
  }).metrics;
  const tables = m === undefined ? [] : lookupsOf(m.definition).map(({ table }) => table);
  expect(tables.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});
