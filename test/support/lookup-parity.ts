import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { withRows } from '../../shared/fold/looked-up.ts';
import { rowsAt, within } from '../../shared/lookups/in-force.ts';
import { type Rows, rowsOf, type TableRow, tableFile } from '../../shared/lookups/table-file.ts';
import { add, count, decimal, definePipeline, each, eq, gt, lookup, max, metric, or, sum, top } from '../../shared/pipeline.ts';
import { eventsSql } from '../../shared/sql/events.ts';
import { fieldColumns, namedFields } from '../../shared/sql/fields.ts';
import { type InForce, lookedUpSql } from '../../shared/sql/lookups.ts';
import { parseSql } from '../../shared/sql/parse.ts';
import { statesSql } from '../../shared/sql/states.ts';
import { partPrefix, rawKey, tableKey } from '../../shared/storage/lake.ts';
import { type Random, random } from '../../testing/random.ts';
import { canonicalRows, differences, foldAll, withoutDuplicates } from './fold.ts';
import { thing } from './nasty.ts';
import { nastyEvents } from './nasty-events.ts';
import type { BatchSide } from './parity.ts';

const FIELDS = z.object({ kind: z.string(), n: z.int(), price: decimal(2), weight: z.number(), 'is it': z.boolean() });
const named = lookup('named', { key: thing.name, fields: FIELDS });
const numbered = lookup('numbered', { key: thing.n, fields: FIELDS });
const pipeline = definePipeline({
  events: { thing },
  metrics: {
    looked: metric(thing, {
      dimensions: { kind: named.kind, is: numbered['is it'], value: lookup('named', { key: thing.kind }), none: lookup('unpublished', { key: thing.kind }) },
      measures: { things: count(), n: sum(named.n), price: sum(add(numbered.price, named.price)), weight: max(named.weight), kinds: top(numbered.kind) },
    }),
    tags: metric(each(thing.tags), {
      dimensions: { kind: lookup('named', { key: thing.tags, fields: FIELDS }).kind },
      measures: { tags: count(), n: sum(numbered.n) },
    }),
    ranked: metric(thing, { dimensions: { ok: thing.ok }, measures: { kinds: top(thing.kind, { by: sum(numbered.n) }) } }),
    kept: metric(thing, { where: or(eq(named['is it'], true), gt(numbered.n, 3)), measures: { things: count() } }),
  },
});
/** Text of every kind, and what each column is to be but for its form. */
const CELLS = [
  '',
  'a',
  'Ω "x"\\',
  "it's",
  'null',
  'true',
  'false',
  'True',
  '7',
  '-0',
  '007',
  '1.5',
  '-12.25',
  '1e3',
  '1e400',
  '9007199254740991',
  '9007199254740992',
  '12345678901234567',
  ' 1',
  '{"a":1}',
  '😀\u2028',
];

const cellsOf = (r: Random): TableRow['row'] =>
  Object.fromEntries(['kind', 'n', 'price', 'weight', 'is it', 'value', 'other'].flatMap((name) => (r.chance(0.85) ? [[name, r.pick(CELLS)]] : [])));

/** Lookups in SQL give the states of the fold, over several versions of tables with every odd text as key and cell. */
export const describeLookupParity = (makeSide: () => Promise<BatchSide>): void => {
  test('SQL over tables of reference data gives the states of the fold', async () => {
    const { engine, lake } = await makeSide();
    const r = random(7);
    const events = withoutDuplicates(nastyEvents(7, 2_000));
    const EPOCH = Date.parse('2026-11-18T05:00:00.000Z');
    const key = rawKey({ epochMs: EPOCH, shard: 's0', first: '1', last: '1', prev: '0', crc: 0 });
    await lake.put(key, gzipSync(events.map((event, i) => `${JSON.stringify({ epoch: EPOCH, shard: 's0', seq: '1', line: i, event })}\n`).join('')));
    const definitions = Object.values(pipeline.metrics).map(({ definition }) => definition);
    const columns = fieldColumns(definitions);
    const raw = engine.rawLines({ fromMs: 0, toMs: EPOCH + 1, keys: [key] });
    await engine.unload(parseSql(engine.dialect, raw, { run: 'r1', fromMs: 0, late: [], columns }), { prefix: partPrefix('r1'), partitionBy: [] });

    const times = events.map(({ time }) => time).sort();
    const days = [...new Set(times.map((time) => time.slice(0, 10)))];
    const keys = [
      ...new Set(
        events.flatMap(({ data }) =>
          [data.name, data.kind, data.n, ...(Array.isArray(data.tags) ? data.tags : [])]
            .filter((one) => typeof one === 'string' || Number.isSafeInteger(one))
            .map(String),
        ),
      ),
    ];
    const files = new Map<string, Rows>();
    const versions: InForce[] = [];
    for (const from of ['', times[100], times[900], times[900], times[1_500]])
      for (const table of ['named', 'numbered']) {
        const { name, body } = tableFile(keys.filter((one) => one !== '' && r.chance(0.8)).map((one) => ({ key: one, row: cellsOf(r) })));
        await lake.put(tableKey(name), body);
        files.set(name, rowsOf(gunzipSync(body)));
        versions.push({ table, from: from ?? '', rows: name });
      }

    for (const { name, definition } of Object.values(pipeline.metrics)) {
      const expected = foldAll(
        definition,
        events.map((event) => withRows(event, (table, of) => files.get(rowsAt(versions, table, event.time) ?? '')?.get(of))),
      );
      const own = within(versions, new Set(['named', 'numbered', 'unpublished']), `${days[0]}T00:00:00.000Z`, `${days.at(-1)}T23:59:59.999Z`);
      const relation = eventsSql(
        engine.dialect,
        { type: 'thing', days },
        [{ columns, parts: engine.parts(['r1']), repeats: null, stale: [] }],
        namedFields(definition),
      );
      const lookUp = (counted: string) => lookedUpSql(engine.dialect, definition, counted, own, engine.tables);
      const rows = await engine.rows(statesSql(engine.dialect, definition, relation, lookUp, [], [{ from: days[0] ?? '', to: days.at(-1) ?? '' }]));
      expect({ name, differences: differences(expected, canonicalRows(definition, rows)).slice(0, 3) }).toEqual({ name, differences: [] });
      expect(rows.length).toBeGreaterThan(10);
    }
  });
};
