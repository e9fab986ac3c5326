// From the log to durable cells: hits that are in the log when a host starts, until its answers have all of them, its own
// start and the archive included; beside Spark Structured Streaming over the same lines in files, without its start.
// EVENTS=5000000 ROUNDS=3 npm run bench -- stream
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { alternate, bench, demand, type Figure, median, medianRatio, sizeOf } from './support/bench.ts';
import { hasSpark, spark } from './support/engines.ts';
import { type Hit, hitAt, lineOf, tally } from './support/hits.ts';
import { hitsHost, visible } from './support/hits-host.ts';
import { ingestHere } from './support/ingest-here.ts';

const EVENTS = sizeOf('EVENTS', 5_000_000, 20_000);
const ROUNDS = sizeOf('ROUNDS', 3, 1);
const BODY = 5_000;
const FILE = 250_000;
const HOUR = 3_600_000;
const FROM = Date.parse('2026-11-01T00:00:00.000Z');
const RANGE = 'from=2026-11-01&to=2026-11-02';
const hit = (n: number): Hit => hitAt(n, EVENTS, FROM, HOUR);

/** What the lines hold, and the lines themselves: in the log, as ingest appends them, and in files. */
const fill = async (data: string, lines: string) => {
  mkdirSync(data, { recursive: true });
  mkdirSync(lines, { recursive: true });
  const ingest = ingestHere(data);
  const counted = tally();
  let file: string[] = [];
  for (let n = 0; n < EVENTS; n += BODY) {
    const hits = Array.from({ length: Math.min(BODY, EVENTS - n) }, (_, i) => hit(n + i));
    for (const one of hits) counted.add(one);
    const body = `${hits.map(lineOf).join('\n')}\n`;
    await ingest.post(Buffer.from(body));
    file.push(body);
    if (file.length * BODY < FILE && n + BODY < EVENTS) continue;
    writeFileSync(join(lines, `hits-${String(n).padStart(9, '0')}.json`), file.join(''));
    file = [];
  }
  await ingest.close();
  return counted.rows();
};

await bench(import.meta.url, { fill }, async (play) => {
  const temporary = temporaryFolder();
  const [data, lines] = [join(temporary.path, 'data'), join(temporary.path, 'lines')];
  const { value: expected } = await play('fill', data, lines);
  const ours = async (): Promise<number> => {
    const copy = join(temporary.path, 'copy');
    cpSync(data, copy, { recursive: true });
    const from = performance.now();
    const host = await hitsHost(copy, { EPOCH: '1m' });
    await visible(host, EVENTS, RANGE);
    const s = (performance.now() - from) / 1_000;
    const { json } = await host.get(`/metrics/hits?${RANGE}&every=all&by=channel&measures=hits,added&order=channel`);
    demand(
      'The hits by channel',
      json.rows.map(({ channel, hits, added }) => ({ channel, hits, added })),
      expected,
    );
    await host.stop();
    rmSync(copy, { recursive: true });
    return s;
  };
  const theirs = async (): Promise<number> => {
    const out = join(temporary.path, 'spark');
    const { seconds, rows } = spark('stream', lines, out);
    demand("Spark's hits by channel", rows, expected);
    rmSync(out, { recursive: true });
    return seconds;
  };
  const raw: { ours: number[]; spark?: number[] } = hasSpark() ? await alternate(ROUNDS, { ours, spark: theirs }) : await alternate(ROUNDS, { ours });
  temporary.remove();
  const figures: Figure[] = [{ what: `${EVENTS} hits from the log to durable cells`, value: EVENTS / median(raw.ours), unit: 'events/s' }];
  if (raw.spark !== undefined)
    figures.push(
      { what: 'Spark Structured Streaming, local[2]', value: EVENTS / median(raw.spark), unit: 'events/s' },
      { what: 'times the rate of Spark, median of the rounds', value: medianRatio(raw.spark, raw.ours), unit: '', least: 3 },
    );
  return { figures, raw: { events: EVENTS, seconds: raw } };
});
