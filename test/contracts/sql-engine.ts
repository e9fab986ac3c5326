import { gzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { type SqlEngine, SqlError } from '../../shared/ports/sql-engine.ts';
import { quoteText } from '../../shared/sql/dialect.ts';
import { partPrefix, rawKey, repeatsPrefix } from '../../shared/storage/lake.ts';

export interface EngineAndLake {
  readonly engine: SqlEngine;
  readonly lake: ObjectStore;
}

const NASTY = [
  '',
  "it's",
  "''",
  'quo"te',
  'back\\slash',
  'new\nline',
  'carriage\rreturn',
  'tab\t',
  ' both ',
  'null',
  'NULL',
  '\ufeffbom',
  'é',
  '😀',
  '\u2028',
  '\u007f',
  '%_',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text that a template must leave alone
  '${x}',
  ';--',
  "') TO 's3://x/' WITH (",
  '?',
  ':a',
  'a,b',
  '{a=b}',
];
const HOUR = 3_600_000;
const EPOCH = Date.parse('2026-11-18T05:00:00.000Z');

/** What every SqlEngine promises. `make` gives an engine over an empty lake. */
export const describeSqlEngine = (make: () => Promise<EngineAndLake>): void => {
  describe('rows', () => {
    test('come typed, with NULL as null and apart from empty text', async () => {
      const { engine } = await make();
      const [row] = await engine.rows(
        "SELECT CAST(1 AS INTEGER) AS i, CAST(9007199254740991 AS BIGINT) AS b, CAST(-3 AS BIGINT) AS m, true AS t, false AS f, CAST(1.5 AS DOUBLE) AS d, 1e21 AS e, CAST(2 AS DOUBLE) AS w, 'x' AS v, '' AS s, CAST(NULL AS VARCHAR) AS nv, CAST(NULL AS BIGINT) AS nb, CAST(NULL AS BOOLEAN) AS nt",
      );
      expect(row).toEqual({ i: 1, b: 9007199254740991, m: -3, t: true, f: false, d: 1.5, e: 1e21, w: 2, v: 'x', s: '', nv: null, nb: null, nt: null });
    });

    test('hold any text, quoted by quoteText, as JSON', async () => {
      const { engine } = await make();
      const rows = await engine.rows(
        `SELECT n, ${engine.dialect.json('v')} AS v FROM (VALUES ${NASTY.map((text, n) => `(${n}, ${quoteText(text)})`).join(', ')}) AS t(n, v) ORDER BY n`,
      );
      expect(rows.map(({ v }) => JSON.parse(String(v)))).toEqual(NASTY);
    });

    test('come all, however many, in order', async () => {
      const { engine } = await make();
      const digits = `(VALUES ${Array.from({ length: 10 }, (_, n) => `(${n})`).join(', ')})`;
      const rows = await engine.rows(
        `SELECT a.x * 1000 + b.x * 100 + c.x * 10 + d.x AS n FROM ${digits} AS a(x), ${digits} AS b(x), ${digits} AS c(x), ${digits} AS d(x) WHERE a.x < 3 ORDER BY 1`,
      );
      expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
    });

    test('are none where a query finds none', async () => {
      const { engine } = await make();
      expect(await engine.rows('SELECT 1 AS a WHERE false')).toEqual([]);
    });

    test.each([
      ['an unknown table', 'SELECT 1 AS a FROM nowhere', /nowhere/],
      ['a syntax error', 'SELECT 1 AS a FRUM b', /FRUM|syntax|mismatched/i],
      ['an error in a row', "SELECT CAST('not a number' AS BIGINT) AS a", /not a number/],
    ])('throw SqlError with the text of the engine and the query for %s', async (_, sql, text) => {
      const { engine } = await make();
      const error = await engine.rows(sql).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(SqlError);
      expect((error as SqlError).message).toMatch(text);
      expect((error as SqlError).message).toContain(sql);
    });
  });

  describe('unload', () => {
    test('writes Snappy Parquet in folders of the partition columns, which the files leave out', async () => {
      const { engine, lake } = await make();
      const values = NASTY.map(
        (text, n) =>
          `(CAST(${n} AS BIGINT), ${quoteText(text)}, ${n % 3 === 0 ? 'CAST(NULL AS BOOLEAN)' : n % 3 === 1}, '${n % 2 === 0 ? '1m' : '1h'}', '2015-09-1${n % 3}')`,
      );
      const sql = `SELECT n, ${engine.dialect.json('v')} AS v, b, size, day FROM (VALUES ${values.join(', ')}) AS t(n, v, b, size, day)`;
      await engine.unload(sql, { prefix: 'views/a/', partitionBy: ['size', 'day'] });

      const files = await parquetIn(lake, 'views/a/');
      const rows: Record<string, unknown>[] = files.flatMap(({ key, rows }) =>
        rows.map((row) => ({ ...row, v: JSON.parse(String(row.v)), folder: key.slice('views/a/'.length, key.lastIndexOf('/')) })),
      );
      expect(rows.sort((a, b) => Number(a.n) - Number(b.n))).toEqual(
        NASTY.map((text, n) => ({
          n: BigInt(n),
          v: text,
          b: n % 3 === 0 ? null : n % 3 === 1,
          folder: `size=${n % 2 === 0 ? '1m' : '1h'}/day=2015-09-1${n % 3}`,
        })),
      );
      expect(files.map(({ codecs }) => codecs)).toEqual(files.map(() => ['SNAPPY']));
    });

    test('writes 99 partitions', async () => {
      const { engine, lake } = await make();
      await engine.unload(`SELECT n, p FROM (VALUES ${Array.from({ length: 99 }, (_, n) => `(${n}, 'p${n}')`).join(', ')}) AS t(n, p)`, {
        prefix: 'many/',
        partitionBy: ['p'],
      });
      const files = await parquetIn(lake, 'many/');
      expect(new Set(files.map(({ key }) => key.split('/')[1])).size).toBe(99);
    });

    test('writes no rows where there are none', async () => {
      const { engine, lake } = await make();
      await engine.unload("SELECT n, p FROM (VALUES (1, 'a')) AS t(n, p) WHERE n > 1", { prefix: 'none/', partitionBy: ['p'] });
      expect((await parquetIn(lake, 'none/')).flatMap(({ rows }) => rows)).toEqual([]);
    });

    test('throws SqlError with the text of the engine', async () => {
      const { engine } = await make();
      await expect(engine.unload("SELECT 1 AS n, 'a' AS p FROM nowhere", { prefix: 'bad/', partitionBy: ['p'] })).rejects.toThrow(SqlError);
      await expect(engine.unload("SELECT 1 AS n, 'a' AS p FROM nowhere", { prefix: 'bad/', partitionBy: ['p'] })).rejects.toThrow(/nowhere/);
    });
  });

  describe('rawLines', () => {
    const COLUMNS = ['epoch', 'shard', 'seq', 'line', 'source', 'id', 'type', 'time', 'subject'];
    const read = async (engine: SqlEngine, range: Parameters<SqlEngine['rawLines']>[0]) =>
      engine.rows(`SELECT ${COLUMNS.join(', ')}, ${engine.dialect.text('data')} AS data FROM (${engine.dialect.raw(engine.rawLines(range))}) AS l`);

    test('gives the JSON of each line of the named files, blank ones left out', async () => {
      const { engine, lake } = await make();
      const event = (n: number, text: string) => ({ source: '/s', id: `${n}`, type: 't', time: null, data: { text } });
      const lines = NASTY.map((text, n) => JSON.stringify({ epoch: EPOCH, shard: 's0', seq: String(n), line: n, event: event(n, text) }));
      const keys = [
        rawKey({ epochMs: EPOCH, shard: 's0', first: '1', last: '2', prev: '0', crc: 0 }),
        rawKey({ epochMs: EPOCH + HOUR, shard: 's0', first: '3', last: '4', prev: '0', crc: 0 }),
      ];
      await lake.put(keys[0] ?? '', Buffer.concat([gzipSync(`${lines.slice(0, 5).join('\n')}\n`), gzipSync(`${lines.slice(5, 9).join('\n')}\n\n`)]));
      await lake.put(keys[1] ?? '', gzipSync(`${lines.slice(9).join('\n')}\n`));
      await lake.put(rawKey({ epochMs: EPOCH + 2 * HOUR, shard: 's0', first: '5', last: '6', prev: '0', crc: 0 }), gzipSync('{"epoch":1}\n'));
      const rows = await read(engine, { fromMs: EPOCH, toMs: EPOCH + 2 * HOUR, keys });
      const sorted = [...rows].sort((a, b) => Number(a.line) - Number(b.line));
      expect(sorted.map(({ data }) => JSON.parse(String(data)).text)).toEqual(NASTY);
      expect(sorted[3]).toMatchObject({ epoch: `${EPOCH}`, shard: '"s0"', seq: '"3"', line: '3', source: '"/s"', id: '"3"', type: '"t"', subject: null });
    });

    test('gives NULL for what a line lacks, and for all of a line that is not JSON', async () => {
      const { engine, lake } = await make();
      const key = rawKey({ epochMs: EPOCH, shard: 's0', first: '1', last: '2', prev: '0', crc: 0 });
      await lake.put(key, gzipSync('{"epoch":5}\n{"epoch":5,"event":[1]}\n{"epoch":\n"text"\n'));
      const rows = await read(engine, { fromMs: EPOCH, toMs: EPOCH + HOUR, keys: [key] });
      expect(rows.map((row) => [row.epoch, row.shard, row.source, row.data]).sort()).toEqual([
        [null, null, null, null],
        [null, null, null, null],
        ['5', null, null, null],
        ['5', null, null, null],
      ]);
    });

    test('gives none without files', async () => {
      const { engine } = await make();
      expect(await read(engine, { fromMs: 0, toMs: EPOCH, keys: [] })).toEqual([]);
    });
  });

  describe('parts and repeats', () => {
    test('give what was unloaded by exactly the given runs', async () => {
      const { engine } = await make();
      const part = 'run, epoch, shard, seq, line, source, id, subject, time, data, t0, i0, type, day';
      const row = (run: string) =>
        `('${run}', CAST(5 AS BIGINT), 's', '10', CAST(0 AS BIGINT), '/a', '${run} 1', CAST(NULL AS VARCHAR), '2015-09-11T00:00:00.000Z', '{"q":"it''s"}', 'x', CAST(3 AS BIGINT), 'edit', '2015-09-11')`;
      for (const run of ['r1', 'r2', 'r3']) {
        await engine.unload(`SELECT ${part} FROM (VALUES ${row(run)}) AS t(${part})`, { prefix: partPrefix(run), partitionBy: [] });
        await engine.unload(`SELECT ${part}, true AS repeated, CAST(2 AS BIGINT) AS nth FROM (VALUES ${row(run)}) AS t(${part})`, {
          prefix: repeatsPrefix(`of-${run}`),
          partitionBy: [],
        });
      }
      const rows = await engine.rows(`SELECT ${part} FROM ${engine.parts(['r1', 'r3'])} AS p ORDER BY id`);
      expect(rows.map(({ id }) => id)).toEqual(['r1 1', 'r3 1']);
      const expected = {
        run: 'r1',
        epoch: 5,
        shard: 's',
        seq: '10',
        line: 0,
        source: '/a',
        id: 'r1 1',
        subject: null,
        time: '2015-09-11T00:00:00.000Z',
        data: '{"q":"it\'s"}',
        t0: 'x',
        i0: 3,
        type: 'edit',
        day: '2015-09-11',
      };
      expect(rows[0]).toEqual(expected);
      const repeats = await engine.rows(`SELECT ${part}, repeated, nth FROM ${engine.repeats(['of-r1', 'of-r2'])} AS p ORDER BY id`);
      expect(repeats.map(({ run }) => run)).toEqual(['r1', 'r2']);
      expect(repeats[0]).toEqual({ ...expected, repeated: true, nth: 2 });
    });
  });
};

/** Files are told by their place, not by a name's ending: Athena gives them none. */
const parquetIn = async (lake: ObjectStore, prefix: string) => {
  const files: { key: string; rows: Record<string, unknown>[]; codecs: (string | undefined)[] }[] = [];
  for await (const { key } of lake.list(prefix, '')) {
    const file = ((await lake.get(key)) ?? new Uint8Array()).slice().buffer;
    const codecs = new Set(parquetMetadata(file).row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec)));
    files.push({ key, rows: await parquetReadObjects({ file }), codecs: [...codecs] });
  }
  return files;
};
