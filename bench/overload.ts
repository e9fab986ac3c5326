// Several times what the host can take, for a minute each: memory, refusals, and how soon it is itself again. What was
// acknowledged is counted in the answers at the end; a number that differs fails the benchmark.
import { startHost } from '../testing/host.ts';
import { random } from '../testing/random.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, sizeOf, sleep } from './support/bench.ts';
import { memoryOf } from './support/memory-of.ts';

const SECONDS = sizeOf('SECONDS', 60, 2);
const ONLY = process.env.SCENARIO ?? '';
const SENDERS = sizeOf('SENDERS', 64, 4);
const BATCH = sizeOf('BATCH', 5_000, 500);
const DAY_MS = 86_400_000;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

interface Scenario {
  readonly name: string;
  /** What makes one event differ from the others. */
  readonly event: (i: number) => { readonly time: string; readonly channel: string; readonly page: string; readonly user: string };
}
const r = random(7);
const nowMs = Date.now();
const minute = new Date(Math.floor(nowMs / 60_000) * 60_000).toISOString();
const SCENARIOS: readonly Scenario[] = [
  { name: 'live events', event: (i) => ({ time: new Date(nowMs).toISOString(), channel: `c${i % 50}`, page: `p${i % 5_000}`, user: `u${i % 2_000}` }) },
  { name: 'one hot subject', event: () => ({ time: new Date(nowMs).toISOString(), channel: 'c', page: 'the one', user: 'someone' }) },
  { name: 'a million groups in one window', event: (i) => ({ time: minute, channel: `c${i % 1_000_000}`, page: 'p', user: `u${i % 1_000_000}` }) },
  {
    name: 'a shuffled backfill of a year',
    event: (i) => ({ time: new Date(nowMs - r.integer(0, 365 * DAY_MS)).toISOString(), channel: 'c', page: `p${i % 5_000}`, user: `u${i % 2_000}` }),
  },
];
const REST = { namespace: 'Main', added: 7, deleted: 0, delta: 7, isAnonymous: false, isMinor: false, isNew: false, isRobot: false, isUnpatrolled: false };

const run = async ({ name, event }: Scenario): Promise<readonly Figure[]> => {
  const folder = temporaryFolder();
  const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', LOG_LEVEL: 'warn' });
  try {
    let made = 0;
    let accepted = 0;
    let refused = 0;
    let broken = 0;
    let slowest = 0;
    /** Null for a connection that broke. */
    const post = async (body: string, key: string) => {
      try {
        const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': key };
        const response = await fetch(`${host.url}/events/edit`, { method: 'POST', body, headers });
        await response.text();
        return { status: response.status, retryAfterMs: Number(response.headers.get('retry-after')) * 1_000 };
      } catch {
        return null;
      }
    };
    const endsAt = performance.now() + SECONDS * 1_000;
    const send = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        const from = made;
        made += BATCH;
        const lines = Array.from({ length: BATCH }, (_, i) => `${JSON.stringify({ ...event(from + i), ...REST })}\n`);
        const body = lines.join('');
        for (;;) {
          const startedAt = performance.now();
          const answer = await post(body, `b${from}`);
          slowest = Math.max(slowest, performance.now() - startedAt);
          if (answer?.status === 202) break;
          if (answer === null) broken++;
          else if (answer.status === 503 && answer.retryAfterMs > 0) refused++;
          else throw new Error(`Expected 202, or 503 with Retry-After, got ${answer.status}`);
          await sleep(answer?.retryAfterMs ?? 1_000);
        }
        accepted += BATCH;
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: SENDERS }, send));
    const sentAt = performance.now();
    // A new event is answered for, and taken in, at once again.
    await (await fetch(`${host.url}/health`)).text();
    const healthyMs = performance.now() - sentAt;
    const count = async (): Promise<number> => {
      const range = `from=${day(nowMs - 366 * DAY_MS)}&to=${day(Date.now() + 2 * DAY_MS)}`;
      const response = await fetch(`${host.url}/metrics/edits?${range}&every=all&measures=edits`);
      demand('GET /metrics/edits', response.status, 200);
      const { rows } = (await response.json()) as { rows: { edits: number }[] };
      return rows[0]?.edits ?? 0;
    };
    let seen = await count();
    while (seen < accepted) {
      await sleep(250);
      seen = await count();
    }
    const caughtUpMs = performance.now() - sentAt;
    demand('Acknowledged events in the answer', seen, accepted);
    return [
      { what: `${name}: accepted, all of them in answers`, value: accepted / ((sentAt - startedAt) / 1_000), unit: 'events/s' },
      { what: `${name}: calls refused`, value: refused, unit: '' },
      { what: `${name}: connections broken`, value: broken, unit: '' },
      { what: `${name}: slowest answer`, value: slowest, unit: 'ms' },
      { what: `${name}: /health answers after`, value: healthyMs, unit: 'ms' },
      { what: `${name}: everything is visible after`, value: caughtUpMs, unit: 'ms' },
      { what: `${name}: memory at most`, value: memoryOf(host.pid, 'VmHWM'), unit: 'MB', most: 900 },
      { what: `${name}: memory then`, value: memoryOf(host.pid, 'VmRSS'), unit: 'MB' },
    ];
  } finally {
    await host.stop();
    folder.remove();
  }
};

await bench(import.meta.url, {}, async () => {
  const figures: Figure[] = [];
  for (const scenario of SCENARIOS) if (scenario.name.includes(ONLY)) figures.push(...(await run(scenario)));
  return { figures, raw: figures };
});
