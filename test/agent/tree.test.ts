import { z } from 'zod';
import { type Files, realFiles } from '../../agent/channel/files.ts';
import { segmentChannel } from '../../agent/channel/segment-channel.ts';
import type { Sink } from '../../agent/ports/sink.ts';
import type { Source } from '../../agent/ports/source.ts';
import { runAgent } from '../../agent/run-agent.ts';
import { httpSink } from '../../agent/sinks/http.ts';
import { listenSource } from '../../agent/sources/listen.ts';
import type { Surroundings } from '../../agent/surroundings.ts';
import { count, definePipeline, event, metric, sum, time, uniques } from '../../shared/pipeline.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { startTwinstream } from '../../testing/testing.ts';
import { freePort } from '../support/host.ts';
import { isLong } from '../support/long.ts';
import { EndedError } from './memory-files.ts';
import { numbered } from './world.ts';

// Eight leaves send to two collectors, and those to one server, while any of them is killed at any write: all is counted once.

const tick = event(z.object({ at: time(), n: z.int(), leaf: z.string() }), { time: 'at' });
const pipeline = definePipeline({
  events: { edit: tick },
  metrics: { ticks: metric(tick, { dimensions: { leaf: tick.leaf }, measures: { ticks: count(), total: sum(tick.n), distinct: uniques(tick.n) } }) },
});
const LEAVES = 8;
const EVENTS = isLong ? 2_000 : 250;
const LEAF_BATCH = 10;
const COLLECTOR_BATCH = 400;
/** What a collector waits for more; it passes when the test says. */
const WAIT_MS = 60_000;

const folder = temporaryFolder();
afterAll(folder.remove);

/** The files of a process that is killed at an operation. */
const mortal = (last: number): Files => {
  let operations = 0;
  const alive =
    <A extends readonly unknown[], R>(run: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (++operations > last) throw new EndedError('It was killed');
      return run(...args);
    };
  const { open, ...others } = realFiles;
  return {
    ...others,
    open: async (path) => {
      const file = await open(path);
      return { ...file, write: alive(file.write), truncate: alive(file.truncate), sync: alive(file.sync) };
    },
    rename: alive(others.rename),
    remove: alive(others.remove),
    syncFolder: alive(others.syncFolder),
  };
};

interface Member {
  readonly folder: string;
  readonly source: (isLast: boolean) => Source;
  readonly sink: Sink;
  readonly limits: { readonly events: number; readonly bytes: number; readonly waitMs: number };
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}
/** Lives through some kills, each at a random write. */
const live = async ({ folder: at, source, sink, limits, surroundings, signal }: Member, r: Random, kills: number): Promise<void> => {
  for (let life = 0; ; life++) {
    const isLast = life === kills;
    const channel = await segmentChannel({
      folder: at,
      files: mortal(isLast ? Number.POSITIVE_INFINITY : r.integer(12, 60)),
      maxBytes: 1_000_000,
      segmentBytes: 2_000,
      note: () => {},
    }).catch((error) => {
      if (error instanceof EndedError) return null;
      throw error;
    });
    if (channel === null) continue;
    try {
      const options = { channel, sink, limits, surroundings, rate: null, endsWhenRefused: true, note: () => {}, onDelivered: () => {} };
      await runAgent({ ...options, sources: [source(isLast)] }, signal);
      return;
    } catch (error) {
      if (!(error instanceof EndedError)) throw error;
    } finally {
      await channel.close().catch(() => {});
    }
  }
};
const counted = (sink: Sink) => {
  let calls = 0;
  return {
    calls: () => calls,
    sink: {
      ...sink,
      deliver: (batches: Parameters<Sink['deliver']>[0]) => {
        calls++;
        return sink.deliver(batches);
      },
    },
  };
};
/** A clock that does not move until the test says; short waits are over at once. */
const held = (r: Random) => {
  let nowMs = 0;
  const waiting = new Set<() => void>();
  const surroundings: Surroundings = {
    clock: () => nowMs,
    random: r.next,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', done);
        if (ms < WAIT_MS / 2) setImmediate(done);
        else waiting.add(done);
      }),
  };
  return {
    surroundings,
    pass: () => {
      nowMs += WAIT_MS;
      for (const done of [...waiting]) done();
    },
  };
};

test.each(seeds(isLong ? 5 : 1))('seed %i: eight leaves, two collectors and a server', async (seed) => {
  const r = random(seed);
  const app = await startTwinstream(pipeline);
  const stop = new AbortController();
  const never = new AbortController().signal;
  const [time1, ports] = [held(r), [await freePort(), await freePort()]];
  const collectors = ports.map((port, i) => {
    const to = counted(httpSink({ url: new URL(app.url), token: null, parallel: 1, surroundings: time1.surroundings }));
    const member: Member = {
      folder: `${folder.path}/${seed}-collector-${i}`,
      source: () => listenSource({ host: '127.0.0.1', port, token: null, onListening: () => {} }),
      sink: to.sink,
      limits: { events: COLLECTOR_BATCH, bytes: 1_000_000, waitMs: WAIT_MS },
      surroundings: time1.surroundings,
      signal: stop.signal,
    };
    return { calls: to.calls, ended: live(member, r, 3) };
  });
  const leaves = Array.from({ length: LEAVES }, (_, leaf) => {
    const lines = Array.from({ length: EVENTS }, (_unused, n) => JSON.stringify({ at: '2026-11-21T09:00:00.000Z', n, leaf: `leaf-${leaf}` }));
    const to = counted(httpSink({ url: new URL(`http://127.0.0.1:${ports[leaf % 2]}`), token: null, parallel: 2, surroundings: time1.surroundings }));
    const member: Member = {
      folder: `${folder.path}/${seed}-leaf-${leaf}`,
      source: () => numbered(lines, r),
      sink: to.sink,
      limits: { events: LEAF_BATCH, bytes: 100_000, waitMs: 0 },
      surroundings: time1.surroundings,
      signal: never,
    };
    return { calls: to.calls, ended: live(member, r, 2) };
  });
  await Promise.all(leaves.map(({ ended }) => ended));
  const total = LEAVES * EVENTS;
  const answer = () => app.ask('ticks', { from: '2026-11-21', to: '2026-11-22', by: ['leaf'], measures: ['ticks', 'total'] });
  // What the collectors still hold is complete once they have waited.
  let rows = (await answer()).rows;
  while (rows.reduce((all, { ticks }) => all + ticks, 0) < total) {
    time1.pass();
    await new Promise((resolve) => setImmediate(resolve));
    rows = (await answer()).rows;
  }
  stop.abort();
  await Promise.all(collectors.map(({ ended }) => ended));
  expect(rows.map(({ leaf, ticks, total: added }) => [leaf, ticks, added]).sort()).toEqual(
    Array.from({ length: LEAVES }, (_, leaf) => [`leaf-${leaf}`, EVENTS, (EVENTS * (EVENTS - 1)) / 2]),
  );
  const requests = (of: readonly { readonly calls: () => number }[]) => of.reduce((all, { calls }) => all + calls(), 0);
  expect(requests(leaves)).toBeGreaterThanOrEqual(total / LEAF_BATCH);
  expect(requests(collectors) * 10).toBeLessThanOrEqual(requests(leaves));
  expect(await app.recompute()).toMatchObject({ drift: 0 });
  await app.stop();
});
