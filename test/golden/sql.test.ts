import { z } from 'zod';
import wikipedia from '../../pipeline.ts';
import type { NamedMetric } from '../../shared/definition/define.ts';
import { count, decimal, definePipeline, eq, event, lookup, metric, sum } from '../../shared/pipeline.ts';
import type { Dialect } from '../../shared/sql/dialect.ts';
import { duckdb } from '../../shared/sql/duckdb.ts';
import { eventsSql } from '../../shared/sql/events.ts';
import { type Applied, excludedSql } from '../../shared/sql/exclusions.ts';
import { fieldColumns } from '../../shared/sql/fields.ts';
import { listedSql, listedValuesSql } from '../../shared/sql/listed.ts';
import { lookedUpSql, NO_LOOKUPS } from '../../shared/sql/lookups.ts';
import { occurrencesSql } from '../../shared/sql/occurrences.ts';
import { parseSql, surveySql } from '../../shared/sql/parse.ts';
import { displacedSql, renumberedSql, repeatsSql } from '../../shared/sql/repeats.ts';
import { speedCountSql, statesSql } from '../../shared/sql/states.ts';
import { trino } from '../../shared/sql/trino.ts';
import { unreadItemsSql, unreadSql } from '../../shared/sql/unread.ts';
import { expectGolden } from '../support/golden.ts';
import { itemsPipeline, pinnedPipeline } from './pipeline.ts';

/** Every dialect that there is: a new one does not compile until it stands here. */
const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = { duckdb, trino };
const EPOCH = Date.parse('2026-11-21T10:00:00.000Z');
const PACKS = [
  { from: '2015-09-12', to: '2015-09-12' },
  { from: '2015-09-13', to: '2015-09-20' },
];

describe.each(Object.entries(DIALECTS))('%s', (name, dialect) => {
  test('given the dialect, then it is registered under its own name', () => expect(dialect.name).toBe(name));

  const columns = fieldColumns(Object.values(pinnedPipeline.metrics).map(({ definition }) => definition));
  const of = { fresh: 'fresh', columns: ['run', 'epoch', 'shard', 'seq', 'line', 'source', 'id', 'data', 't0', 'type', 'day'], windowMs: 3_600_000 };

  test('given raw lines, then the SQL that reads them is what it was', () => {
    const late = [{ epochMs: EPOCH - 3_600_000, shard: "it's", first: '98', last: '1023' }];
    expectGolden(`sql/parse.${name}.sql`, `${parseSql(dialect, 'lines', { run: 'r1', fromMs: EPOCH, late, columns })}\n`);
    expectGolden(`sql/survey.${name}.sql`, `${surveySql('parts')}\n`);
  });

  test('given parts, then the SQL that finds duplicates is what it was', () => {
    const bucket = { index: 3, of: 8 };
    expectGolden(`sql/repeats.${name}.sql`, `${repeatsSql(dialect, { ...of, stored: null, bucket })}\n`);
    expectGolden(`sql/repeats.stored.${name}.sql`, `${repeatsSql(dialect, { ...of, stored: 'stored', bucket: { index: 0, of: 1 } })}\n`);
    expectGolden(`sql/displaced.${name}.sql`, `${displacedSql(dialect, { ...of, stored: 'stored', bucket: { index: 0, of: 1 } })}\n`);
    expectGolden(`sql/renumbered.${name}.sql`, `${renumberedSql(dialect, 'r1', 'events', of.columns, bucket)}\n`);
  });

  test('given parts of two forms, one of which another part replaces on a day, then the SQL of their events is what it was', () => {
    const fields = columns.slice(0, 2).map(({ path, kind }, i) => ({ path, kind, as: `f${i}` }));
    const sets = [
      { columns, parts: 'parts', repeats: 'repeats', stale: [{ run: 'r1', days: ['2015-09-13'] }] },
      { columns: [], parts: 'older_parts', repeats: null, stale: [] },
    ];
    const between = ['2015-09-12T08', '2015-09-12T16'] as const;
    expectGolden(`sql/events.${name}.sql`, `${eventsSql(dialect, { type: "it's", days: ['2015-09-12', '2015-09-13'], between }, sets, fields)}\n`);
  });

  // One metric for a reader to see; what any SQL gives is compared with the fold in test/parity.
  test.each(Object.values({ ...pinnedPipeline.metrics, ...itemsPipeline.metrics }).map((metric) => [metric.name, metric] as const))(
    'given the metric %s, then the SQL of its states is what it was',
    (metric, { definition }) => {
      expectGolden(`sql/pinned.${metric}.${name}.sql`, `${statesSql(dialect, definition, 'events', NO_LOOKUPS, [], PACKS)}\n`);
      expectGolden(`sql/pinned.${metric}.unread.${name}.sql`, `${unreadSql(dialect, definition, 'events')}\n`);
      const items = unreadItemsSql(dialect, definition, 'events');
      if (items !== null) expectGolden(`sql/pinned.${metric}.unread.items.${name}.sql`, `${items}\n`);
      expectGolden(`sql/pinned.${metric}.count.${name}.sql`, `${speedCountSql(dialect, definition, 'events', NO_LOOKUPS, EPOCH, { batch: [], speed: [] })}\n`);
    },
  );

  test('given lookups, then the SQL that joins events with the rows in force at their own times is what it was', () => {
    const edit = event(z.object({ at: z.iso.datetime(), country: z.string(), shop: z.int() }), { time: 'at' });
    const country = lookup('country', { key: edit.country, fields: z.object({ name: z.string(), area: decimal(2), isIsland: z.boolean() }) });
    const { looked } = definePipeline({
      events: { edit },
      metrics: {
        looked: metric(edit, {
          dimensions: { country: country.name, none: lookup('none', { key: edit.shop }), owner: lookup('owner', { key: edit.shop }) },
          measures: { edits: count(), area: sum(country.area) },
          where: eq(country.isIsland, true),
        }),
      },
    }).metrics as { looked: NamedMetric };
    const inForce = [
      { table: 'country', from: '', rows: 'aa' },
      { table: 'country', from: '2026-11-21T10:00:00.000Z', rows: 'bb' },
      { table: 'owner', from: '', rows: 'cc' },
    ];
    const sql = lookedUpSql(dialect, looked.definition, 'events', inForce, (rows) => `tables_of_${rows.join('_')}`);
    expectGolden(`sql/looked-up.${name}.sql`, `${sql}\n`);
    expectGolden(`sql/looked-up.states.${name}.sql`, `${statesSql(dialect, looked.definition, 'events', () => 'looked_up', [], PACKS)}\n`);
  });

  test('given a number, then the SQL that lists its events is what it was, and holds nothing that a request said', () => {
    const { definition } = wikipedia.metrics.edits as (typeof wikipedia.metrics)[string];
    const evil = `'); DROP TABLE events; --`;
    const listing = {
      between: [['2015-09-12T00:00:00.000Z', '2015-09-12T01:00:00.000Z']] as const,
      conditions: [
        { index: 0, condition: { op: 'in', values: [evil] } },
        { index: 0, condition: { op: 'prefix', values: ['#', ''] } },
        { index: 1, condition: { op: 'is', value: 'value' } },
      ] as const,
      measure: definition.measures.findIndex((measure) => measure.name === 'size'),
      value: 7,
    };
    const after = { epochMs: EPOCH, shard: 'shard-000000000001', seq: '1023', line: 4 };
    const sql = listedSql(dialect, definition, 'events', NO_LOOKUPS, [], listing, { after, limit: 51 });
    expectGolden(`sql/listed.${name}.sql`, `${sql}\n`);
    expectGolden(`sql/listed.values.${name}.sql`, `${listedValuesSql(dialect, definition, 'events', NO_LOOKUPS, [], listing, 11)}\n`);
    const items = Object.values(itemsPipeline.metrics)[0] as NamedMetric;
    const all = { ...listing, conditions: [], measure: null, value: null };
    expectGolden(`sql/listed.items.${name}.sql`, `${listedSql(dialect, items.definition, 'events', NO_LOOKUPS, [], all, { after: null, limit: 51 })}\n`);
    expectGolden(`sql/occurrences.${name}.sql`, `${occurrencesSql(dialect, 'events', { id: evil, source: evil }, 10)}\n`);
    expect(sql).not.toContain('DROP');
    expect(() => listedSql(dialect, definition, 'events', NO_LOOKUPS, [], listing, { after: { ...after, seq: evil }, limit: 1 })).toThrow(/Expected a place/);
  });

  test('given exclusions, then their condition is what it was, and holds nothing that a request said', () => {
    const evil = `'); DROP TABLE events; --`;
    const source = `${evil}\\"\u0000é💥`;
    const exclusions: readonly Applied[] = [
      { source, type: null, events: { ids: ['a', evil] }, epochs: null },
      { source, type: 'edit', events: { from: '2015-09-12T00:00:00.000Z', to: '2015-09-13T00:00:00.000Z' }, epochs: { fromMs: EPOCH, toMs: null } },
      { source, type: 'edit', events: { ids: ['b'] }, epochs: { fromMs: EPOCH, toMs: EPOCH + 3_600_000 } },
      { source, type: evil, events: { ids: ['c'] }, epochs: null },
    ];
    const sql = excludedSql(dialect, exclusions, 'edit') ?? '';
    expectGolden(`sql/excluded.${name}.sql`, `${sql}\n`);
    expect(sql.replaceAll(/[\w\s()'.,:>=<-]/g, '')).toBe('');
    expect(sql).not.toContain('DROP');
    expect(excludedSql(dialect, exclusions.slice(3), 'edit')).toBeNull();
    const { definition } = wikipedia.metrics.edits as (typeof wikipedia.metrics)[string];
    expectGolden(`sql/excluded.states.${name}.sql`, `${statesSql(dialect, definition, 'events', NO_LOOKUPS, exclusions, PACKS.slice(0, 1))}\n`);
    expectGolden(
      `sql/excluded.count.${name}.sql`,
      `${speedCountSql(dialect, definition, 'events', NO_LOOKUPS, EPOCH, { batch: exclusions, speed: exclusions.slice(1) })}\n`,
    );
  });
});
