import { gunzipSync } from 'node:zlib';
import { archiver } from '../../shared/batch/archive.ts';
import { readHorizon } from '../../shared/batch/horizon.ts';
import { stamp } from '../../shared/domain/epochs.ts';
import { compileFold, type Group } from '../../shared/domain/metric.ts';
import { compareSequence } from '../../shared/domain/sequence.ts';
import { speedLayer } from '../../shared/speed/aggregate.ts';
import { random, seeds } from '../support/random.ts';
import { type Metric, type States, speedStates, statesOf } from '../support/states.ts';
import {
  batchOf,
  DUPLICATE_WINDOW_MS,
  EPOCH_MS,
  type Faults,
  faulty,
  hits,
  memoryCells,
  memoryObjects,
  type Placed,
  quiet,
  simulatedLog,
} from '../support/world.ts';

/**
 * Random histories of the whole write path: crashes at every step, batches that are retried, cut and regrouped, stale
 * containers and zombies that run beside newer ones, lagging archives, re-sent events, jittery arrival times, shards that
 * split and merge. At the end the layers must hold, for every seam, exactly what a plain reading of the log gives.
 */
const START = Date.parse('2026-03-01T00:00:00.000Z');

const history = async (seed: number) => {
  const r = random(seed);
  const faults: Faults = { rate: r.pick([0, 0.01, 0.03, 0.1]) };
  const log = simulatedLog(r, START);
  const cells = memoryCells(() => START);
  const lake = memoryObjects();
  const store = faulty(cells, r, faults);
  const ports = () => ({
    store,
    epochLengthMs: EPOCH_MS,
    telemetry: quiet,
    lake: faulty(lake, r, faults),
    pipeline: hits,
    quarantine: { deliver: async () => {} },
    clock: log.now,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
  });
  const containers = { aggregate: [1, 2, 3].map(() => speedLayer(ports())), archive: [1, 2].map(() => archiver(ports())) };
  /** Per consumer and shard: how many records are known to be done, as Lambda's own checkpoint. */
  const done = new Map<string, number>();
  const running: Promise<unknown>[] = [];
  const busy = new Set<unknown>();

  const isReady = (consumer: string, shard: (typeof log.shards)[number]): boolean =>
    shard.parents.every((id) => {
      const parent = log.shards.find((one) => one.id === id) as (typeof log.shards)[number];
      return !parent.open && (done.get(`${consumer} ${id}`) ?? 0) === parent.records.length && isReady(consumer, parent);
    });
  const invoke = async (consumer: 'aggregate' | 'archive', isZombie: boolean) => {
    const shard = r.pick(log.shards.filter((one) => isReady(consumer, one)));
    const name = `${consumer} ${shard.id}`;
    const next = done.get(name) ?? 0;
    // A zombie, or a retry whose checkpoint was lost, begins before what is done.
    const from = isZombie ? Math.max(0, next - r.integer(0, 6)) : next;
    const to = Math.min(shard.records.length, from + r.integer(1, 12));
    if (from >= to) return;
    const batch = batchOf(shard, from, to);
    // A container takes one invocation at a time.
    const idle = containers[consumer].filter((container) => !busy.has(container));
    if (idle.length === 0) return;
    const handler = r.pick<(event: typeof batch) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>>(idle);
    busy.add(handler);
    const { batchItemFailures } = await handler(batch).finally(() => busy.delete(handler));
    const failed =
      batchItemFailures[0] === undefined
        ? to
        : from + batch.Records.findIndex(({ kinesis }) => kinesis.sequenceNumber === batchItemFailures[0]?.itemIdentifier);
    done.set(name, Math.max(done.get(name) ?? 0, failed));
  };

  let id = 0;
  const sent: { id: string; at: string; page: string; n: number }[] = [];
  const steps = r.integer(20, 90);
  for (let step = 0; step < steps; step++) {
    const what = r.next();
    if (what < 0.4) {
      const events = Array.from({ length: r.integer(1, 6) }, () => {
        if (sent.length > 0 && r.chance(0.25)) {
          const again = r.pick(sent);
          // The same event, at times with another time: a retry by a client that stamps it anew.
          return r.chance(0.3) ? { ...again, at: new Date(log.now() + r.integer(-90_000_000, 0)).toISOString() } : again;
        }
        const fresh = {
          id: `e${id++}`,
          at: new Date(START + r.integer(-7_200_000, 3_600_000)).toISOString(),
          page: r.pick(['a', 'b', 'c']),
          n: r.integer(-5, 100),
        };
        sent.push(fresh);
        return fresh;
      });
      await log.append(
        events.map((one) => ({
          id: one.id,
          source: '/hits',
          type: r.chance(0.95) ? 'hit' : 'unknown',
          time: one.at,
          data: { at: one.at, page: one.page, n: one.n },
        })),
      );
    } else if (what < 0.45) log.heartbeat();
    else if (what < 0.47) log.reshard();
    else if (what < 0.48) log.garbage();
    else if (what < 0.75) running.push(invoke('aggregate', r.chance(0.2)));
    else if (what < 0.85) running.push(invoke('archive', r.chance(0.2)));
    else log.tick(r.integer(0, 90_000));
    if (r.chance(0.7)) await Promise.allSettled(running.splice(0));
  }
  await Promise.allSettled(running);
  // The faults end, and both consumers catch up; in between the horizon must be right whenever it is asked.
  faults.rate = 0;
  log.tick(EPOCH_MS * 2);
  log.heartbeat();
  for (
    let round = 0;
    round < 4_000 && log.shards.some((shard) => ['aggregate', 'archive'].some((consumer) => (done.get(`${consumer} ${shard.id}`) ?? 0) < shard.records.length));
    round++
  ) {
    await invoke(r.chance(0.5) ? 'aggregate' : 'archive', r.chance(0.1));
    if (r.chance(0.05)) await checkArchive(lake, log.placed, (await readHorizon(log.port, cells)).atMs);
  }
  const horizon = (await readHorizon(log.port, cells)).atMs;
  await checkArchive(lake, log.placed, horizon);
  const epochs = [...new Set(log.placed.map(({ epochMs }) => epochMs))].sort();
  for (const seam of [0, r.pick(epochs.length === 0 ? [0] : epochs), horizon]) {
    for (const metric of Object.values(hits.metrics))
      expect({ seam, ...(await speedStates(cells, metric, seam)) }).toEqual({ seam, ...expectedStates(log.placed, metric, seam) });
  }
  cells.close();
};

/** The lake before a horizon holds the log before it: every line, at its own place. */
const checkArchive = async (lake: ReturnType<typeof memoryObjects>, placed: readonly Placed[], horizonMs: number): Promise<void> => {
  const archived = new Map<string, string>();
  for (const [key, bytes] of lake.files) {
    if (key >= `raw/epoch=${stamp(horizonMs)}/`) continue;
    for (const line of gunzipSync(bytes)
      .toString()
      .split('\n')
      .filter((text) => text !== '')) {
      const { epoch, shard, seq, line: at, event } = JSON.parse(line);
      archived.set(`${epoch} ${shard} ${seq} ${at}`, JSON.stringify(event));
    }
  }
  const expected = new Map(
    placed
      .filter(({ epochMs }) => epochMs < horizonMs)
      .map(({ epochMs, shard, seq, line, event }) => [`${epochMs} ${shard} ${seq} ${line}`, JSON.stringify(event)]),
  );
  expect(Object.fromEntries(archived)).toEqual(Object.fromEntries(expected));
};

/** A plain reading of the log: every event once, unless it stands in the window before. */
const expectedStates = (placed: readonly Placed[], metric: Metric, seamMs: number): States => {
  const fold = compileFold(metric.definition);
  const groups = new Map<string, Group>();
  const ordered = [...placed].sort((a, b) => Number(a.shard.slice(8)) - Number(b.shard.slice(8)) || compareSequence(a.seq, b.seq) || a.line - b.line);
  const last = new Map<string, number>();
  for (const { epochMs, event } of ordered) {
    const name = `${event.source} ${event.id}`;
    const before = last.get(name);
    last.set(name, Math.max(before ?? 0, epochMs));
    if ((before !== undefined && before >= epochMs - DUPLICATE_WINDOW_MS) || epochMs < seamMs || !fold.counts(event)) continue;
    const group = `${fold.window(event)} ${fold.key(event)}`;
    const known = groups.get(group) ?? fold.zero();
    groups.set(group, known);
    fold.add(known, event);
  }
  return statesOf(metric, groups);
};

test.each(Array.from({ length: 10 }, (_, i) => i))('histories %i', async (part) => {
  for (const seed of seeds(60))
    await history(seed + part * 1_000_003).catch((error) => {
      throw new Error(`SEED=${seed + part * 1_000_003}: ${(error as Error).message}`, { cause: error });
    });
});
