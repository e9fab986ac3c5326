import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import type { MetricDefinition } from '../../shared/definition/definition.ts';
import { compileFold } from '../../shared/fold/metric.ts';
import { type Exclusion, excluder } from '../../shared/log/exclusion.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { SqlEngine } from '../../shared/ports/sql-engine.ts';
import { eventsSql } from '../../shared/sql/events.ts';
import { fieldColumns, fieldsOf } from '../../shared/sql/fields.ts';
import { NO_LOOKUPS } from '../../shared/sql/lookups.ts';
import { columnNames, parseSql, surveySql } from '../../shared/sql/parse.ts';
import { repeatsSql } from '../../shared/sql/repeats.ts';
import { speedCountSql, statesSql } from '../../shared/sql/states.ts';
import { partPrefix, rawKey, repeatsPrefix } from '../../shared/storage/lake.ts';
import { random, seeds } from '../../testing/random.ts';
import { canonicalRows, countedBy, differences, foldAll, withoutDuplicates } from './fold.ts';
import { isLong, some } from './long.ts';
import { nastyPipeline } from './nasty.ts';
import { nastyEvents } from './nasty-events.ts';

export interface BatchSide {
  readonly engine: SqlEngine;
  readonly lake: ObjectStore;
}

const EPOCH = Date.parse('2026-11-18T05:00:00.000Z');
const COLUMNS = fieldColumns(Object.values(nastyPipeline.metrics).map(({ definition }) => definition));
const NEXT_EPOCH = EPOCH + 3_600_000;
type Rows = readonly Readonly<Record<string, unknown>>[];

/** Archived lines of nasty events, through an engine's SQL, give the states of the fold: whole maps are compared, for every metric. */
export const describeParity = (makeSide: () => Promise<BatchSide>): void => {
  describe.each(some(seeds(3), 1))('seed %i', (seed) => {
    test('SQL over the archived lines gives the states of the fold', async () => {
      const { engine, lake } = await makeSide();
      const events = nastyEvents(seed, isLong ? 6_000 : 2_000);
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
      const keys = [
        rawKey({ epochMs: EPOCH, shard: 's0', first: '9990', last: '9999', prev: '0', crc: 0 }),
        rawKey({ epochMs: EPOCH, shard: 's0', first: '9990', last: '10109', prev: '0', crc: 0 }),
      ];
      await lake.put(keys[0] ?? '', gzipSync(`${lines.slice(0, 500).join('\n')}\n`)); // once more, as after a retry
      await lake.put(keys[1] ?? '', gzipSync(`${[...lines, ...damaged].join('\n')}\n`));
      const raw = engine.rawLines({ fromMs: 0, toMs: NEXT_EPOCH, keys });

      await engine.unload(parseSql(engine.dialect, raw, { run: 'r1', fromMs: 0, late: [], columns: COLUMNS }), { prefix: partPrefix('r1'), partitionBy: [] });
      const survey = await engine.rows(surveySql(engine.parts(['r1'])));
      expect(survey.find((row) => row.type === null)?.lines).toBe(7); // a blank line is none
      expect(new Set(survey.flatMap(({ day }) => (day === null ? [] : [day])))).toEqual(new Set(events.map(({ time }) => time.slice(0, 10))));
      const wholly = { fresh: engine.parts(['r1']), stored: null, columns: columnNames(COLUMNS), windowMs: 0 };
      for (const index of [0, 1])
        await engine.unload(repeatsSql(engine.dialect, { ...wholly, bucket: { index, of: 2 } }), { prefix: repeatsPrefix(`s${index}`), partitionBy: [] });
      const days = [...new Set(events.map(({ time }) => time.slice(0, 10)))].sort();

      expect(withoutDuplicates(events).length).toBeLessThan(events.length);
      /** Of two fields, the first has no column, as if no definition had read it when the part was written. */
      const relation = (definition: MetricDefinition, columns = COLUMNS) =>
        eventsSql(
          engine.dialect,
          { type: definition.event, days },
          [{ columns, parts: engine.parts(['r1']), repeats: engine.repeats(['s0', 's1']), stale: [] }],
          fieldsOf(definition).map(({ path, kind }, i) => ({ path, kind, as: `f${i}` })),
        );
      const states = (definition: MetricDefinition, rules: Parameters<typeof statesSql>[4] = [], columns = COLUMNS) =>
        statesSql(engine.dialect, definition, relation(definition, columns), NO_LOOKUPS, rules, [{ from: days[0] ?? '', to: days.at(-1) ?? '' }]);
      for (const { name, definition } of Object.values(nastyPipeline.metrics)) {
        const expected = foldAll(definition, acrossDays(events));
        for (const rows of [
          await engine.rows(states(definition)),
          await engine.rows(states(definition, [], COLUMNS.slice(1))),
          await stored(engine, lake, states(definition), `views/metric=${name}/run=r1/`),
        ]) {
          expect({ name, differences: differences(expected, canonicalRows(definition, rows)).slice(0, 3) }).toEqual({ name, differences: [] });
          expect(rows.length).toBeGreaterThan(10);
        }
      }

      // Without what exclusions name, and with the drift's causes by name.
      const r = random(seed);
      const named = (): Exclusion => {
        const { source, time } = r.pick(events);
        const type = r.pick([null, 'thing', 'another']);
        const from = `${time.slice(0, 13)}:00:00.000Z`;
        if (r.chance(0.5)) return { source, type, events: { ids: Array.from({ length: r.integer(1, 40) }, () => r.pick(events).id) } };
        return { source, type, events: { from, to: new Date(Date.parse(from) + r.integer(1, 1e9)).toISOString() } };
      };
      const [batch, speed] = [Array.from({ length: 6 }, named), Array.from({ length: 6 }, named)];
      const rules = { batch: batch.map((one) => ({ ...one, epochs: null })), speed: speed.map((one) => ({ ...one, epochs: { fromMs: EPOCH, toMs: null } })) };
      const [isExcluded, isSkipped] = [excluder(batch), excluder(speed)];
      for (const { name, definition } of Object.values(nastyPipeline.metrics)) {
        const all = acrossDays(events);
        const expected = foldAll(
          definition,
          all.filter((event) => !isExcluded(event)),
        );
        const rows = await engine.rows(states(definition, rules.batch));
        expect({ name, differences: differences(expected, canonicalRows(definition, rows)).slice(0, 3) }).toEqual({ name, differences: [] });
        const fold = compileFold(definition);
        const counted = all.flatMap((event) => countedBy(fold, event));
        const [counts] = await engine.rows(speedCountSql(engine.dialect, definition, relation(definition), NO_LOOKUPS, EPOCH, rules));
        expect({ name, ...counts }).toEqual({
          name,
          events: counted.filter((event) => !isSkipped(event)).length,
          late: 0,
          excluded: counted.filter((event) => !isSkipped(event) && isExcluded(event)).length,
          restored: counted.filter((event) => isSkipped(event) && !isExcluded(event)).length,
        });
        const ended = rules.speed.map((one) => ({ ...one, epochs: { fromMs: 0, toMs: EPOCH } }));
        const [none] = await engine.rows(speedCountSql(engine.dialect, definition, relation(definition), NO_LOOKUPS, EPOCH, { ...rules, speed: ended }));
        expect({ name, events: none?.events }).toEqual({ name, events: counted.length });
      }
      const lost = events.filter(isExcluded).length;
      expect(lost > 50 && lost < events.length - 50).toBe(true);
    });

    test('lines that come late are parsed like those of their epoch, and no others', async () => {
      const { engine, lake } = await makeSide();
      const events = nastyEvents(seed, 300);
      const EARLY = EPOCH - 3_600_000;
      const placed = events.map((event, i) => ({
        epoch: i < 200 ? EARLY : EPOCH,
        shard: i % 2 === 0 ? 's0' : 's1',
        seq: String(95 + Math.floor(i / 20)),
        line: i % 20,
        event,
      }));
      const keys = [
        rawKey({ epochMs: EARLY, shard: 's0', first: '95', last: '104', prev: '0', crc: 0 }),
        rawKey({ epochMs: EPOCH, shard: 's0', first: '105', last: '109', prev: '0', crc: 0 }),
      ];
      for (const [i, epoch] of [EARLY, EPOCH].entries())
        await lake.put(keys[i] as string, gzipSync(placed.flatMap((line) => (line.epoch === epoch ? [`${JSON.stringify(line)}\n`] : [])).join('')));
      const raw = engine.rawLines({ fromMs: EARLY, toMs: NEXT_EPOCH, keys });
      const late = [{ epochMs: EARLY, shard: 's1', first: '98', last: '102' }];
      const rows = await engine.rows(parseSql(engine.dialect, raw, { run: 'r1', fromMs: EPOCH, late, columns: COLUMNS }));
      const nameOf = ({ epoch, shard, seq, line }: Readonly<Record<string, unknown>>) => `${epoch} ${shard} ${seq} ${line}`;
      const wanted = placed.filter(({ epoch, shard, seq }) => epoch === EPOCH || (shard === 's1' && Number(seq) >= 98 && Number(seq) <= 102));
      expect(rows.map(nameOf).sort()).toEqual(wanted.map(nameOf).sort());
      expect(wanted).toHaveLength(150);
    });
  });
};

/** The same states by way of view files. */
const stored = async (engine: SqlEngine, lake: ObjectStore, sql: string, prefix: string): Promise<Rows> => {
  await engine.unload(sql, { prefix, partitionBy: ['window_size', 'window_day'] });
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
