// Push latency: from the 202 of a single event until each client of GET /live has the row that counts it, for one client and
// for many, of which some do not read. Then every reading client's last row is that of GET /metrics.
// CLIENTS=1000 POSTS=100 npm run bench -- live
import { get, type IncomingMessage } from 'node:http';
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, quantile, sizeOf, sleep } from './support/bench.ts';
import { sampleEdits } from './support/edits.ts';
import { memoryOf } from './support/memory-of.ts';

const CLIENTS = sizeOf('CLIENTS', 1_000, 40);
/** One client in so many does not read. */
const STALLED = 20;
const POSTS = sizeOf('POSTS', 100, 3);
/** Long enough for what was computed before: messages are at least 250 ms apart. */
const PAUSE_MS = 300;

/** One window, so that every message is about the same row; in the past, so that it is over. */
const WINDOW = '2026-11-20T10:00:00.000Z';
const edit = sampleEdits();

interface Follower {
  readonly response: IncomingMessage;
  /** What it knows of the window. */
  edits: number;
  row: string;
  /** When it knew that. */
  atMs: number;
}

const follow = async (url: string, isReading: boolean): Promise<Follower> => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => get(`${url}/live?metric=edits`, { agent: false }, resolve).on('error', reject));
  demand('GET /live', response.statusCode, 200);
  const follower: Follower = { response, edits: 0, row: '', atMs: 0 };
  if (!isReading) return follower;
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const one of events) {
      const [, data = '{"windows":[]}'] = /^data: (.*)$/m.exec(one) ?? [];
      const row = (JSON.parse(data) as { windows: { window: string; edits: number }[] }).windows.find(({ window }) => window === WINDOW);
      if (row !== undefined) Object.assign(follower, { edits: row.edits, row: JSON.stringify(row), atMs: performance.now() });
    }
  });
  return follower;
};

await bench(import.meta.url, {}, async () => {
  const folder = temporaryFolder();
  const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', RECOMPUTE_EVERY: '1h', PIPELINE: 'test/support/metrics-only.ts' });
  let posted = 0;
  const post = async (): Promise<void> => {
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': `${posted}` };
    demand('A post of an edit', (await host.post('/events/edit', edit(0, WINDOW), headers)).status, 202);
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
  try {
    const one = await follow(host.url, true);
    await post();
    await measure([one]);
    const alone = await measure([one]);
    const reading = [one];
    const all = [one.response];
    for (let i = 1; i < CLIENTS; i++) {
      const follower = await follow(host.url, i % STALLED !== 0);
      all.push(follower.response);
      if (i % STALLED !== 0) reading.push(follower);
    }
    const many = await measure(reading);
    const { json } = await host.get<{ edits: number }>('/metrics/edits?from=2026-11-20&to=2026-11-21&every=1m');
    demand('Edits in the answer', json.rows[0]?.edits, posted);
    for (const { row } of reading) demand("A client's row", row, JSON.stringify(json.rows[0]));
    const memoryMb = memoryOf(host.pid, 'VmRSS');
    for (const response of all) response.destroy();
    const waits = (who: string, of: readonly number[]): readonly Figure[] => [
      { what: `from a 202 to its row, ${who}: p50`, value: quantile(of, 0.5), unit: 'ms' },
      { what: `from a 202 to its row, ${who}: p99`, value: quantile(of, 0.99), unit: 'ms' },
      { what: `from a 202 to its row, ${who}: slowest`, value: quantile(of, 1), unit: 'ms' },
    ];
    const figures = [
      ...waits('1 client', alone),
      ...waits(`each of ${reading.length} clients, ${CLIENTS - reading.length} others read nothing`, many),
      { what: 'memory of the host', value: memoryMb, unit: 'MB' },
    ];
    return { figures, raw: { alone, many } };
  } finally {
    await host.stop();
    folder.remove();
  }
});
