// Events from HTTP POST to visible in answers, beside a bare JSON.parse loop over the same lines in the same run;
// and freshness: how long after its 202 a single event shows. With metrics only: entities are measured by themselves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { quantile } from './support/bench.ts';

const root = process.cwd();
const EVENTS = Number(process.env.EVENTS ?? 1_000_000);
const BATCH = 500;
const IN_FLIGHT = 8;
const FRESH = Number(process.env.FRESH ?? 200);

const sample = gunzipSync(readFileSync(join(root, 'examples/wikipedia-edits-2015-09-12.ndjson.gz')))
  .toString()
  .trim()
  .split('\n');
/** The sample over and over, as it would come live: the times are those of the run. */
const lines = (at: number): string[] => {
  const time = new Date(at).toISOString();
  return sample.map((line) => `{"time":"${time}"${line.slice(line.indexOf(',"channel"'))}`);
};

interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly events: number;
}
const bodyOf = (batch: readonly string[]): Body => ({ bytes: new TextEncoder().encode(`${batch.join('\n')}\n`), events: batch.length });

const parseRate = (): number => {
  const all = lines(Date.now());
  let events = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2_000) for (const line of all) events += typeof JSON.parse(line) === 'object' ? 1 : 0;
  return events / ((performance.now() - startedAt) / 1_000);
};

const folder = temporaryFolder();
const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', PIPELINE: 'bench/support/metrics-only.ts' });
try {
  const day = new Date().toISOString().slice(0, 10);
  const range = `from=${day}&to=${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}`;
  const count = async (): Promise<number> => {
    const response = await fetch(`${host.url}/metrics/edits?${range}&measures=edits`);
    const { rows } = (await response.json()) as { rows: { edits: number }[] };
    return rows[0]?.edits ?? 0;
  };
  const post = async ({ bytes, events }: Body, key: string): Promise<void> => {
    const response = await fetch(`${host.url}/events/edit`, {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': key },
    });
    const { accepted } = (await response.json()) as { accepted: number };
    if (response.status !== 202 || accepted !== events) throw new Error(`Expected 202 for the whole batch, got ${response.status} and ${accepted}`);
  };

  const bodies: Body[] = [];
  for (let made = 0; made < EVENTS; ) {
    const all = lines(Date.now());
    for (let i = 0; i < all.length && made < EVENTS; i += BATCH) {
      const batch = all.slice(i, Math.min(i + BATCH, i + EVENTS - made));
      bodies.push(bodyOf(batch));
      made += batch.length;
    }
  }
  // Warm up with other ids, then measure.
  for (let i = 0; i < 40; i++) await post(bodies[i % bodies.length] as Body, `warm-${i}`);
  const expectedWarm = bodies.slice(0, 40).reduce((sum, { events }) => sum + events, 0);
  while ((await count()) !== expectedWarm) await new Promise((resolve) => setTimeout(resolve, 20));

  const parseBefore = parseRate();
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let i = next++; i < bodies.length; i = next++) await post(bodies[i] as Body, `bench-${i}`);
    }),
  );
  const acknowledgedAt = performance.now();
  const expected = expectedWarm + EVENTS;
  let seen = await count();
  while (seen < expected) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen = await count();
  }
  const visibleAt = performance.now();
  if (seen !== expected) throw new Error(`Expected ${expected} events in the answer, got ${seen}`);

  // Before and after, since the machine may have other things to do.
  const parse = (parseBefore + parseRate()) / 2;
  const waits: number[] = [];
  for (let i = 0; i < FRESH; i++) {
    await post(bodyOf(lines(Date.now()).slice(i, i + 1)), `fresh-${i}`);
    const from = performance.now();
    while ((await count()) !== expected + i + 1) await new Promise((resolve) => setTimeout(resolve, 2));
    waits.push(performance.now() - from);
  }
  waits.sort((a, b) => a - b);
  const visible = EVENTS / ((visibleAt - startedAt) / 1_000);
  console.log(`ingest to acknowledged  ${Math.round(EVENTS / ((acknowledgedAt - startedAt) / 1_000)).toLocaleString('en-US')} events/s`);
  console.log(`ingest to visible       ${Math.round(visible).toLocaleString('en-US')} events/s (${EVENTS.toLocaleString('en-US')} events, exact)`);
  console.log(`bare JSON.parse loop    ${Math.round(parse).toLocaleString('en-US')} events/s`);
  console.log(`ratio                   ${(visible / parse).toFixed(3)}`);
  console.log(`freshness (202→visible) p50 ${quantile(waits, 0.5).toFixed(0)} ms, p99 ${quantile(waits, 0.99).toFixed(0)} ms`);
} finally {
  await host.stop();
  folder.remove();
}
