import wikipedia from '../../pipeline.ts';
import type { Dialect } from '../../shared/sql/dialect.ts';
import { duckdb } from '../../shared/sql/duckdb.ts';
import { type Applied, excludedSql } from '../../shared/sql/exclusions.ts';
import { parseSql, surveySql } from '../../shared/sql/lines.ts';
import { speedCountSql, statesSql } from '../../shared/sql/states.ts';
import { trino } from '../../shared/sql/trino.ts';
import { unreadSql } from '../../shared/sql/unread.ts';
import { expectGolden } from '../support/golden.ts';
import { pinnedPipeline } from './pipeline.ts';

/** Every dialect that there is: a new one does not compile until it stands here. */
const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = { duckdb, trino };
const EPOCH = Date.parse('2026-11-21T10:00:00.000Z');

describe.each(Object.entries(DIALECTS))('%s', (name, dialect) => {
  test('given the dialect, then it is registered under its own name', () => expect(dialect.name).toBe(name));

  test('given raw lines, then the SQL that reads them is what it was', () => {
    const partitions = [
      { type: 'edit', day: '2015-09-12' },
      { type: "it's", day: '2015-09-13' },
    ];
    expectGolden(`sql/survey.${name}.sql`, `${surveySql(dialect, 'lines', EPOCH, [])}\n`);
    expectGolden(`sql/parse.${name}.sql`, `${parseSql(dialect, 'lines', { fromMs: EPOCH, late: [], windowMs: 3_600_000, partitions })}\n`);
    const late = [{ epochMs: EPOCH - 3_600_000, shard: "it's", first: '98', last: '1023' }];
    expectGolden(`sql/survey.late.${name}.sql`, `${surveySql(dialect, 'lines', EPOCH, late)}\n`);
    expectGolden(`sql/parse.late.${name}.sql`, `${parseSql(dialect, 'lines', { fromMs: EPOCH, late, windowMs: 3_600_000, partitions })}\n`);
  });

  // One metric for a reader to see; what any SQL gives is compared with the fold in test/parity.
  test.each(Object.values(pinnedPipeline.metrics).map((metric) => [metric.name, metric] as const))(
    'given the metric %s, then the SQL of its states is what it was',
    (metric, { definition }) => {
      expectGolden(`sql/pinned.${metric}.${name}.sql`, `${statesSql(dialect, definition, 'events', [])}\n`);
      expectGolden(`sql/pinned.${metric}.unread.${name}.sql`, `${unreadSql(dialect, definition, 'events')}\n`);
      expectGolden(`sql/pinned.${metric}.count.${name}.sql`, `${speedCountSql(dialect, definition, 'events', EPOCH, { batch: [], speed: [] })}\n`);
    },
  );

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
    expectGolden(`sql/excluded.states.${name}.sql`, `${statesSql(dialect, definition, 'events', exclusions)}\n`);
    expectGolden(
      `sql/excluded.count.${name}.sql`,
      `${speedCountSql(dialect, definition, 'events', EPOCH, { batch: exclusions, speed: exclusions.slice(1) })}\n`,
    );
  });
});
