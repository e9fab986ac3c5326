// Push latency: from the 202 of a single event until each client of GET /live has the row that counts it, for one client and
// for many, of which some do not read. Then every reading client's last row is that of GET /metrics.
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { quantile } from './support/bench.ts';

const CLIENTS = Number(process.env.CLIENTS ?? 1_000);
/** One client in so many does not read. */
const STALLED = 20;
const POSTS = Number(process.env.POSTS ?? 100);
/** Long enough for what was computed before: messages are at least 250 ms apart. */
const PAUSE_MS = 300;

const [line = ''] = gunzipSync(readFileSync(join(process.cwd(), 'examples/wikipedia-edits-2015-09-12.ndjson.gz')))
  .toString()
  .split('\n');
const event = (at: string): string => `{"time":"${at}"${line.slice(line.indexOf(',"channel"'))}`;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Follower {
  readonly response: IncomingMessage;
  /** What it knows of the window. */
  edits: number;
  row: string;
  /** When it knew that. */
  atMs: number;
}
const folder = temporaryFolder();
const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', RECOMPUTE_EVERY: '1h', PIPELINE: 'bench/support/metrics-only.ts' });
try {
  // One window, so that every message is about the same row; in the past, so that it is over.
  const window = '2026-11-20T10:00:00.000Z';
  const follow = async (isReading: boolean): Promise<Follower> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${host.url}/live?metric=edits`, { agent: false }, resolve).on('error', reject),
    );
    if (response.statusCode !== 200) throw new Error(`Expected 200, got ${response.statusCode}`);
    const follower: Follower = { response, edits: 0, row: '', atMs: 0 };
    if (!isReading) return follower;
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const one of events) {
        const [, data] = /^data: (.*)$/m.exec(one) ?? [];
        const row =
          data === undefined
            ? undefined
            : (JSON.parse(data) as { windows: { window: string; edits: number }[] }).windows.find((some) => some.window === window);
        if (row !== undefined) Object.assign(follower, { edits: row.edits, row: JSON.stringify(row), atMs: performance.now() });
      }
    });
    return follower;
  };
  let posted = 0;
  const post = async (): Promise<void> => {
    const response = await fetch(`${host.url}/events/edit`, {
      method: 'POST',
      body: event(window),
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': `${posted}` },
    });
    if (response.status !== 202) throw new Error(`Expected 202, got ${response.status}`);
    posted++;
  };

  const measure = async (followers: readonly Follower[]): Promise<readonly number[]> => {
    const waits: number[] = [];
    for (let i = 0; i < POSTS; i++) {
      await sleep(PAUSE_MS);
      await post();
      const fromMs = performance.now();
      while (followers.some(({ edits }) => edits < posted)) await sleep(2);
      for (const { atMs } of followers) waits.push(Math.max(0, atMs - fromMs));
    }
    return waits.sort((a, b) => a - b);
  };
  const print = (what: string, waits: readonly number[]): void =>
    console.log(
      `${what.padEnd(24)} 202 → message p50 ${quantile(waits, 0.5).toFixed(0)} ms, p99 ${quantile(waits, 0.99).toFixed(0)} ms, most ${quantile(waits, 1).toFixed(0)} ms`,
    );

  const one = await follow(true);
  await post();
  await measure([one]);
  print('1 client', await measure([one]));
  const reading = [one];
  const all = [one.response];
  for (let i = 1; i < CLIENTS; i++) {
    const follower = await follow(i % STALLED !== 0);
    all.push(follower.response);
    if (i % STALLED !== 0) reading.push(follower);
  }
  const heapMb = async (): Promise<number> => {
    const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(await (await fetch(`${host.url}/stats`)).text()) ?? [];
    return Number(bytes) / 2 ** 20;
  };
  print(`${CLIENTS.toLocaleString('en-US')} clients`, await measure(reading));
  const { rows } = (await (await fetch(`${host.url}/metrics/edits?from=2026-11-20&to=2026-11-21&every=1m`)).json()) as { rows: { edits: number }[] };
  const expected = JSON.stringify(rows[0]);
  if (rows[0]?.edits !== posted) throw new Error(`Expected ${posted} edits in the answer, got ${rows[0]?.edits}`);
  for (const { row } of reading) if (row !== expected) throw new Error(`Expected the row of GET /metrics, ${expected}, got ${row}`);
  console.log(`memory of the host       ${(await heapMb()).toFixed(0)} MB`);
  for (const response of all) response.destroy();
} finally {
  await host.stop();
  folder.remove();
}
