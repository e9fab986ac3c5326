import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import type { MetricDefinition } from '../../shared/domain/definition.ts';
import { eventsRoot, rawKey } from '../../shared/domain/lake.ts';
import { parseSql, surveySql } from '../../shared/domain/sql/lines.ts';
import { statesSql } from '../../shared/domain/sql/states.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { EventPart, SqlEngine } from '../../shared/ports/sql-engine.ts';
import { canonicalRows, differences, foldAll, withoutDuplicates } from './fold.ts';
import { nastyEvents, nastyPipeline } from './nasty.ts';
import { seeds } from './random.ts';

export interface BatchSide {
  readonly engine: SqlEngine;
  readonly lake: ObjectStore;
}

const EPOCH = Date.parse('2026-11-18T05:00:00.000Z');
const NEXT_EPOCH = EPOCH + 3_600_000;
type Rows = readonly Readonly<Record<string, unknown>>[];

/** Archived lines of nasty events, through an engine's SQL, give the states of the fold: whole maps are compared, for every metric. */
export const describeParity = (makeSide: () => Promise<BatchSide>): void => {
  describe.each(seeds(3))('seed %i', (seed) => {
    test('SQL over the archived lines gives the states of the fold', async () => {
      const { engine, lake } = await makeSide();
      const events = nastyEvents(seed, 6_000);
      const lines = events.map((event, i) => JSON.stringify({ epoch: EPOCH, shard: 's0', seq: String(9_990 + Math.floor(i / 50)), line: i % 50, event }));
      const damaged = [
        '{"epoch":1',
        '',
        'null',
        '{}',
        '"x"',
        lines[0]?.slice(0, -1) ?? '',
        ...['th ing', 'thing\\n'].map((type) => lines[0]?.replace('"type":"thing"', `"type":"${type}"`) ?? ''),
      ];
      const keys = [rawKey(EPOCH, 's0', '9990', '9999'), rawKey(EPOCH, 's0', '9990', '10109')];
      await lake.put(keys[0] ?? '', gzipSync(`${lines.slice(0, 500).join('\n')}\n`)); // once more, as after a retry
      await lake.put(keys[1] ?? '', gzipSync(`${[...lines, ...damaged].join('\n')}\n`));
      const raw = engine.rawLines({ fromMs: 0, toMs: NEXT_EPOCH, keys });

      const survey = await engine.rows(surveySql(engine.dialect, raw, 0));
      expect(survey.find((row) => row.type === null)?.lines).toBe(7); // a blank line is none
      const partitions = survey.filter((row) => row.type !== null).map((row) => ({ type: String(row.type), day: String(row.day) }));
      expect(new Set(partitions.map(({ day }) => day))).toEqual(new Set(events.map(({ time }) => time.slice(0, 10))));
      await engine.unload(parseSql(engine.dialect, raw, { fromMs: 0, windowMs: 0, partitions }), { prefix: eventsRoot('r1'), partitionBy: ['type', 'day'] });

      expect(withoutDuplicates(events).length).toBeLessThan(events.length);
      const parts = partitions.map((partition) => ({ ...partition, run: 'r1' }));
      for (const { name, definition } of Object.values(nastyPipeline.metrics)) {
        const expected = foldAll(definition, acrossDays(events));
        for (const rows of [await answered(engine, definition, parts), await stored(engine, lake, definition, parts, `views/metric=${name}/run=r1/`)]) {
          expect({ name, differences: differences(expected, canonicalRows(definition, rows)).slice(0, 3) }).toEqual({ name, differences: [] });
          expect(rows.length).toBeGreaterThan(10);
        }
      }
    });
  });
};

const answered = (engine: SqlEngine, definition: MetricDefinition, parts: readonly EventPart[]): Promise<Rows> =>
  engine.rows(statesSql(engine.dialect, definition, engine.events(parts)));

/** The same states by way of view files. */
const stored = async (engine: SqlEngine, lake: ObjectStore, definition: MetricDefinition, parts: readonly EventPart[], prefix: string): Promise<Rows> => {
  await engine.unload(statesSql(engine.dialect, definition, engine.events(parts)), { prefix, partitionBy: ['window_size', 'window_day'] });
  const rows: Record<string, unknown>[] = [];
  for await (const { key } of lake.list(prefix, '')) {
    const [, window_size, window_day] = /window_size=([^/]+)\/window_day=([^/]+)\/[^/]+$/.exec(key) ?? [];
    const bytes = (await lake.get(key)) ?? new Uint8Array();
    for (const row of await parquetReadObjects({ file: bytes.slice().buffer }))
      rows.push({ ...row, group_events: Number(row.group_events), window_size, window_day });
  }
  return rows;
};

/** One epoch holds all lines here, so a repeated id is a duplicate on any day. */
const acrossDays = (events: Parameters<typeof withoutDuplicates>[0]) => {
  const seen = new Set<string>();
  return events.filter(({ source, id }) => {
    const name = JSON.stringify([source, id]);
    return !seen.has(name) && seen.add(name);
  });
};
