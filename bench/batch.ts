// A generation of the batch layer over a day of hits, in a fresh process: its time, CPU and the most memory that it takes;
// beside Spark's batch over the same lines in files, and beside the least SQL that DuckDB needs for the same three numbers.
// One hit in a hundred is sent again, which only Twinstream finds: the others get each hit once.
// EVENTS=5000000 MEMORY_MB=1024 ROUNDS=3 npm run bench -- batch
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDuckdb } from '../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../shared/adapters/files/folder.ts';
import { writeRaw } from '../shared/batch/archive.ts';
import { build } from '../shared/batch/build.ts';
import { EMPTY_MANIFEST } from '../shared/batch/manifest.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { batchLayer, dailyViews, HOUR } from './support/batch-layer.ts';
import { alternate, bench, demand, type Figure, median, medianRatio, type Played, sizeOf } from './support/bench.ts';
import { type Counted, hasSpark, spark } from './support/engines.ts';
import { type Hit, hitAt, lineOf, tally } from './support/hits.ts';
import pipeline from './support/hits-pipeline.ts';

const EVENTS = sizeOf('EVENTS', 5_000_000, 20_000);
const MEMORY_MB = sizeOf('MEMORY_MB', 1_024, 512);
const ROUNDS = sizeOf('ROUNDS', 3, 1);
/** What it may take besides the memory of its engine. */
const MOST_MB = 1_536;
const EPOCHS = 20;
const TODAY = Date.parse('2026-11-21T00:00:00.000Z');
const SHARD = 'shard-000000000001';
const AGAIN = 100;
const MOST_IN_FILE = 125_000;
const hit = (n: number): Hit => hitAt(n, EVENTS, TODAY, EPOCHS * HOUR);
const storedOf = (n: number, line: string): string =>
  `{"source":"/bench","id":"id-${n}","type":"hit",${line.slice(1, line.indexOf(',"channel"'))},"data":${line}}\n`;

/** Raw files as the archive writes them, and the lines of hits alone. */
const fill = async (data: string, lines: string): Promise<readonly Counted[]> => {
  mkdirSync(lines, { recursive: true });
  const lake = folder({ root: join(data, 'lake') });
  const counted = tally();
  const size = Math.min(MOST_IN_FILE, Math.ceil(EVENTS / EPOCHS));
  let sequence = 0;
  for (let n = 0; n < EVENTS; n += size) {
    const stored: string[] = [];
    const plain: string[] = [];
    for (let i = n; i < Math.min(EVENTS, n + size); i++) {
      const one = hit(i);
      counted.add(one);
      const line = lineOf(one);
      plain.push(line);
      stored.push(storedOf(i, line));
      if (i % AGAIN === 0) stored.push(storedOf(i, line));
    }
    const epochMs = Math.floor(hit(n).ms / HOUR) * HOUR;
    await writeRaw(lake, SHARD, [{ sequenceNumber: String(sequence + stored.length), epochMs, data: gzipSync(stored.join('')) }], String(sequence));
    sequence += stored.length;
    writeFileSync(join(lines, `hits-${String(n).padStart(9, '0')}.json`), `${plain.join('\n')}\n`);
  }
  return counted.rows();
};

const COUNTED = 'SELECT channel, sum(hits) AS hits, sum(added) AS added';
const publish = async (data: string): Promise<readonly Counted[]> => {
  const { ports, close } = batchLayer(data, MEMORY_MB * 2 ** 20, pipeline);
  const generation = { id: 'g000001', horizonMs: TODAY + (EPOCHS + 1) * HOUR, from: EMPTY_MANIFEST, speedFromMs: 0 };
  const { manifest } = await build(ports, generation, () => Number.POSITIVE_INFINITY);
  const rows = await ports.engine.rows(`${COUNTED} FROM ${dailyViews(data, manifest, 'hits')} GROUP BY channel ORDER BY channel`);
  close();
  return rows.map(({ channel, hits, added }) => ({ channel: String(channel), hits: Number(hits), added: Number(added) }));
};

/** The least SQL: no ids, no duplicates, no states that can be merged, nothing stored but the numbers by minute and channel. */
const leastSql = async (lines: string, out: string): Promise<readonly Counted[]> => {
  const instance = await openDuckdb({ memory_limit: `${MEMORY_MB}MiB` });
  const connection = await instance.connect();
  const columns = "{time: 'TIMESTAMP', channel: 'VARCHAR', user: 'VARCHAR', added: 'BIGINT'}";
  await connection.run(
    `COPY (SELECT date_trunc('minute', time) AS minute, channel, count(*) AS hits, sum(added) AS added, approx_count_distinct("user") AS users FROM read_ndjson('${lines}/*.json', columns = ${columns}) GROUP BY ALL) TO '${out}' (FORMAT parquet)`,
  );
  const reader = await connection.runAndReadAll(`${COUNTED} FROM '${out}' GROUP BY channel ORDER BY channel`);
  const rows = reader.getRowObjectsJS().map(({ channel, hits, added }) => ({ channel: String(channel), hits: Number(hits), added: Number(added) }));
  connection.closeSync();
  instance.closeSync();
  return rows;
};

await bench(import.meta.url, { fill, publish, leastSql }, async (play) => {
  const temporary = temporaryFolder();
  const [data, lines, out] = ['data', 'lines', 'out'].map((name) => join(temporary.path, name)) as [string, string, string];
  mkdirSync(join(data, 'lake'), { recursive: true });
  const { value: expected } = await play('fill', data, lines);
  const checked = async (name: 'publish' | 'leastSql', playing: Promise<Played<readonly Counted[]>>) => {
    const { value, ...took } = await playing;
    demand(`The hits by channel of ${name}`, value, expected);
    return took;
  };
  const contenders = {
    ours: async () => {
      const took = await checked('publish', play('publish', data));
      // The next round finds only the raw files.
      for (const made of [
        ...readdirSync(data).filter((name) => name !== 'lake'),
        ...readdirSync(join(data, 'lake'))
          .filter((name) => name !== 'raw')
          .map((name) => join('lake', name)),
      ])
        rmSync(join(data, made), { recursive: true });
      return took;
    },
    duckdb: () => checked('leastSql', play('leastSql', lines, `${out}.parquet`)),
  };
  const theirs = async () => {
    const { seconds, rows } = spark('batch', lines, out);
    demand("Spark's hits by channel", rows, expected);
    return { s: seconds, cpuS: Number.NaN, mostMb: Number.NaN };
  };
  type Took = Omit<Played<unknown>, 'value'>;
  const raw: { ours: Took[]; duckdb: Took[]; spark?: Took[] } = hasSpark()
    ? await alternate(ROUNDS, { ...contenders, spark: theirs })
    : await alternate(ROUNDS, contenders);
  temporary.remove();
  const seconds = (took: readonly Took[]) => took.map(({ s }) => s);
  const figures: Figure[] = [
    { what: `a generation of ${EVENTS} hits`, value: median(seconds(raw.ours)), unit: 's' },
    { what: 'its CPU', value: median(raw.ours.map(({ cpuS }) => cpuS)), unit: 's' },
    { what: `the most memory it takes, ${MEMORY_MB} MB for its engine`, value: Math.max(...raw.ours.map(({ mostMb }) => mostMb)), unit: 'MB', most: MOST_MB },
    { what: 'the least SQL in DuckDB', value: median(seconds(raw.duckdb)), unit: 's' },
    { what: 'times as long as the least SQL, median of the rounds', value: medianRatio(seconds(raw.ours), seconds(raw.duckdb)), unit: '' },
  ];
  if (raw.spark !== undefined)
    figures.push(
      { what: "Spark's batch, local[2], without its start", value: median(seconds(raw.spark)), unit: 's' },
      { what: 'times the rate of Spark, median of the rounds', value: medianRatio(seconds(raw.spark), seconds(raw.ours)), unit: '', least: 2 },
    );
  return { figures, raw: { events: EVENTS, rounds: raw } };
});
