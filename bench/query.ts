// How long answers take from a year of hours, 50 channels and three measures in the batch layer, beside a live hour: from
// the call to its last byte, one client and many; and the first answer of a host that has just started.
// CLIENTS=32 ASKED=2000 DAYS=365 npm run bench -- query
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, median, quantile, sizeOf } from './support/bench.ts';
import { addedOf, CHANNELS, channelName, type Hit, lineOf } from './support/hits.ts';
import { hitsHost, postHits, recomputed, visible } from './support/hits-host.ts';

const DAYS = sizeOf('DAYS', 365, 10);
const CLIENTS = sizeOf('CLIENTS', 32, 4);
const ASKED = sizeOf('ASKED', 2_000, 20);
const COLD = sizeOf('COLD', 5, 1);
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const BATCH = 5_000;
/** The year ends with the last whole day; the live hour is the one after. */
const TO = Math.floor(Date.now() / DAY) * DAY;
const FROM = TO - DAYS * DAY;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const ALL = `from=${day(FROM)}&to=${day(TO + DAY)}`;

/** Two hits an hour and channel, half an hour apart. */
const yearly = (n: number): Hit => ({ ms: FROM + Math.floor(n / CHANNELS) * 30 * MINUTE, channel: n % CHANNELS, user: (n * 7_919) % 100_000, added: n % 500 });
const YEARLY = DAYS * 48 * CHANNELS;
const LIVE = 60 * CHANNELS;
const live = (n: number): Hit => ({ ...yearly(n), ms: TO + Math.floor(n / CHANNELS) * MINUTE });

interface Row {
  readonly channel: string;
  readonly hits: number;
  readonly added: number;
}
interface Question {
  readonly name: string;
  readonly query: string;
  readonly rows: number;
  /** Hits of all rows. */
  readonly hits: number;
}
const SUM = (hits: readonly Hit[]): number => hits.reduce((sum, hit) => sum + addedOf(hit), 0);
const LAST_DAY = `from=${day(TO - DAY)}&to=${day(TO)}`;
const QUESTIONS: readonly Question[] = [
  { name: 'the last day by channel', query: `${LAST_DAY}&every=all&by=channel`, rows: CHANNELS, hits: 48 * CHANNELS },
  {
    name: '24 hours that end now, by channel',
    query: `from=${new Date(TO - DAY + 60 * MINUTE).toISOString()}&to=${new Date(TO + 60 * MINUTE).toISOString()}&every=all&by=channel`,
    rows: CHANNELS,
    hits: 46 * CHANNELS + LIVE,
  },
  { name: 'a year by day', query: `from=${day(FROM)}&to=${day(TO)}&every=1d`, rows: DAYS, hits: YEARLY },
  { name: 'one channel by minute, a day', query: `${LAST_DAY}&every=1m&filter[channel]=${channelName(7)}`, rows: 48, hits: 48 },
  {
    name: '7 days by day, each rolling over 7 days',
    query: `from=${day(TO - 7 * DAY)}&to=${day(TO)}&every=1d&over=${DAYS < 14 ? '3d' : '7d'}`,
    rows: 7,
    hits: 7 * (DAYS < 14 ? 3 : 7) * 48 * CHANNELS,
  },
  {
    name: 'the last day by hour and channel, compared with the day before',
    query: `${LAST_DAY}&every=1h&by=channel&compare=previous`,
    rows: 24 * CHANNELS,
    hits: 48 * CHANNELS,
  },
];

/** Answers are what a plain look at the hits gives. */
const checked = async (host: Host): Promise<void> => {
  for (const { name, query, rows, hits } of QUESTIONS) {
    const { json } = await host.get<Row>(`/metrics/hits?${query}`);
    demand(name, { rows: json.rows.length, hits: json.rows.reduce((sum, row) => sum + row.hits, 0) }, { rows, hits });
  }
  const { json } = await host.get<Row>(`/metrics/hits?${QUESTIONS[0]?.query}`);
  const last = Array.from({ length: 48 * CHANNELS }, (_, i) => yearly(YEARLY - 48 * CHANNELS + i));
  for (const { channel, hits, added } of json.rows) {
    const own = last.filter((hit) => channelName(hit.channel) === channel);
    demand(`${channel} of the last day`, { hits, added }, { hits: own.length, added: SUM(own) });
  }
};

const timed = async (host: Host, { query }: Question): Promise<number> => {
  const from = performance.now();
  await (await fetch(`${host.url}/metrics/hits?${query}`)).arrayBuffer();
  return performance.now() - from;
};
/** Each client asks again as soon as it is answered. */
const asked = async (host: Host, question: Question, clients: number, times: number): Promise<readonly number[]> => {
  const each = Math.ceil(times / clients);
  const client = async () => {
    const waits: number[] = [];
    for (let i = 0; i < each; i++) waits.push(await timed(host, question));
    return waits;
  };
  return (await Promise.all(Array.from({ length: clients }, client))).flat().sort((a, b) => a - b);
};

const fill = async (path: string): Promise<void> => {
  const host = await hitsHost(path);
  for (let n = 0; n < YEARLY; n += BATCH)
    await postHits(
      host,
      Array.from({ length: Math.min(BATCH, YEARLY - n) }, (_, i) => lineOf(yearly(n + i))),
      `year-${n}`,
    );
  await visible(host, YEARLY, ALL);
  await recomputed(host);
  await postHits(
    host,
    Array.from({ length: LIVE }, (_, n) => lineOf(live(n))),
    'live',
  );
  await visible(host, YEARLY + LIVE, ALL);
  await host.stop();
};

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  // FOLDER keeps what was filled for the next run.
  const path = process.env.FOLDER ?? temporary.path;
  if (!existsSync(join(path, 'lake'))) await fill(path);
  const raw: Record<string, readonly number[]> = {};
  const figures: Figure[] = [];
  const cold: number[] = [];
  for (let i = 0; i < COLD; i++) {
    const host = await hitsHost(path);
    cold.push(await timed(host, QUESTIONS[0] as Question));
    await host.stop();
  }
  const host = await hitsHost(path);
  await checked(host);
  for (const [i, question] of QUESTIONS.entries())
    for (const clients of [1, CLIENTS]) {
      const waits = await asked(host, question, clients, i === 0 ? ASKED : ASKED / 20);
      raw[`${question.name}, ${clients} clients`] = waits;
      const who = clients === 1 ? '1 client' : `${clients} clients`;
      figures.push({ what: `${question.name}, ${who}: p50`, value: quantile(waits, 0.5), unit: 'ms' });
      figures.push({ what: `${question.name}, ${who}: p99`, value: quantile(waits, 0.99), unit: 'ms', ...(i === 0 ? { most: 20 } : {}) });
    }
  await host.stop();
  temporary.remove();
  figures.push({ what: 'the first answer of a host that has just started: median', value: median(cold), unit: 'ms', most: 300 });
  return { figures, raw: { ...raw, cold } };
});
