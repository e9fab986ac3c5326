import type { KinesisStreamEvent } from 'aws-lambda';
import { z } from 'zod';
import { sqliteCells } from '../../shared/adapters/sqlite-cells.ts';
import { nextEpoch } from '../../shared/domain/epochs.ts';
import type { StoredEvent } from '../../shared/domain/event.ts';
import { identityOf, laneOf } from '../../shared/domain/identity.ts';
import { encodeRecords, HEARTBEAT } from '../../shared/domain/record.ts';
import { count, definePipeline, entity, event, latest, metric, sum, uniques } from '../../shared/pipeline.ts';
import type { Cell, CellStore } from '../../shared/ports/cell-store.ts';
import type { EventLog, LogShard } from '../../shared/ports/event-log.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { Random } from './random.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
export const hits = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, { buckets: 2, dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n), last: latest(hit.n) } }),
    odd: metric(hit, { window: '1h', measures: { hits: count(), pages: uniques(hit.page) } }),
  },
  entities: { page: entity(hit, { key: hit.page, fields: { hits: count(), n: sum(hit.n), last: latest(hit.at) } }) },
});

export const EPOCH_MS = 60_000;
export const DUPLICATE_WINDOW_MS = 3 * EPOCH_MS;
export const LANES = 4;

/** A line of the log with where it stands; what an oracle needs. */
export interface Placed {
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
  readonly lane: number;
  readonly epochMs: number;
  readonly event: StoredEvent;
}
interface LogRecordOf {
  readonly seq: string;
  readonly lane: string;
  readonly arrivedAtMs: number;
  readonly epochMs: number;
  readonly data: Uint8Array;
}
interface SimulatedShard {
  readonly id: string;
  readonly parents: readonly string[];
  readonly lanes: readonly number[];
  open: boolean;
  readonly records: LogRecordOf[];
}

/** A log whose arrival times jitter, whose sequence numbers grow in length, and whose shards split and merge. */
export const simulatedLog = (r: Random, startMs: number) => {
  let nowMs = startMs;
  let sequence = 5n;
  const shards: SimulatedShard[] = [{ id: 'shardId-1', parents: [], lanes: [0, 1, 2, 3], open: true, records: [] }];
  const placed: Placed[] = [];
  const write = (shard: SimulatedShard, lane: string, data: Uint8Array, events: readonly StoredEvent[]) => {
    sequence += BigInt(r.integer(1, 40));
    const arrivedAtMs = nowMs + r.integer(-40_000, 40_000);
    const epochMs = nextEpoch(shard.records.at(-1)?.epochMs ?? 0, arrivedAtMs, EPOCH_MS);
    shard.records.push({ seq: String(sequence), lane, arrivedAtMs, epochMs, data });
    for (const [line, one] of events.entries()) placed.push({ shard: shard.id, seq: String(sequence), line, lane: Number(lane), epochMs, event: one });
  };
  return {
    placed,
    shards,
    tick: (ms: number): void => {
      nowMs += ms;
    },
    now: () => nowMs,
    append: async (events: readonly StoredEvent[]): Promise<void> => {
      for (let lane = 0; lane < LANES; lane++) {
        const own = events.filter(({ source, id }) => laneOf(identityOf(source, id), LANES) === lane);
        if (own.length === 0) continue;
        const shard = shards.find((one) => one.open && one.lanes.includes(lane)) as SimulatedShard;
        for (const data of await encodeRecords(own.map((one) => JSON.stringify(one)))) write(shard, String(lane), data, own);
      }
    },
    garbage: (): void => write(r.pick(shards.filter(({ open }) => open)), '0', Buffer.from('not gzip'), []),
    heartbeat: (): void => {
      for (const shard of shards) if (shard.open) write(shard, 'heartbeat', HEARTBEAT, []);
    },
    /** Splits a shard of several lanes, or merges two. */
    reshard: (): void => {
      const open = shards.filter((shard) => shard.open);
      const next = () => `shardId-${shards.length + 1}`;
      const wide = open.find(({ lanes }) => lanes.length > 1);
      if (wide !== undefined && (open.length === 1 || r.chance(0.5))) {
        wide.open = false;
        const half = wide.lanes.length >> 1;
        shards.push({ id: next(), parents: [wide.id], lanes: wide.lanes.slice(0, half), open: true, records: [] });
        shards.push({ id: next(), parents: [wide.id], lanes: wide.lanes.slice(half), open: true, records: [] });
      } else if (open.length > 1) {
        const [a, b] = open as [SimulatedShard, SimulatedShard];
        a.open = false;
        b.open = false;
        shards.push({ id: next(), parents: [a.id, b.id], lanes: [...a.lanes, ...b.lanes], open: true, records: [] });
      }
    },
    port: { shards: async () => shards.map(({ id, parents, open }): LogShard => ({ id, parents, open })) } as unknown as EventLog,
  };
};
export type SimulatedLog = ReturnType<typeof simulatedLog>;

/** A batch as Lambda hands it over. */
export const batchOf = (shard: SimulatedShard, from: number, to: number): KinesisStreamEvent => ({
  Records: shard.records.slice(from, to).map(({ seq, lane, arrivedAtMs, data }) => ({
    awsRegion: '',
    eventName: '',
    eventSource: 'aws:kinesis',
    eventSourceARN: '',
    eventVersion: '',
    invokeIdentityArn: '',
    eventID: `${shard.id}:${seq}`,
    kinesis: {
      approximateArrivalTimestamp: arrivedAtMs / 1000,
      data: Buffer.from(data).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey: lane,
      sequenceNumber: seq,
    },
  })),
});

export const quiet: Telemetry = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, count: () => {}, gauge: () => {}, observe: () => {} };

/** Fails at random, before or after the work was done, and lets others in between: what crashes, time-outs and zombies look like. */
export interface Faults {
  rate: number;
}
export const faulty = <P extends object>(port: P, r: Random, faults: Faults): P =>
  new Proxy(port, {
    get: (target, name) => {
      const value = target[name as keyof P];
      if (typeof value !== 'function' || name === 'list' || name === 'scan') return value;
      return async (...args: unknown[]) => {
        for (let i = r.integer(0, 4); i > 0; i--) await null;
        if (r.chance(faults.rate)) throw new Error(`Crashed before ${String(name)}`);
        const partial = name === 'put' && Array.isArray(args[0]) && args[0].length > 1 && r.chance(faults.rate);
        if (partial) {
          await (value as (writes: unknown) => Promise<unknown>)((args[0] as unknown[]).filter(() => r.chance(0.5)));
          throw new Error('Crashed in the middle of put');
        }
        const result: unknown = await value.apply(target, args);
        for (let i = r.integer(0, 4); i > 0; i--) await null;
        if (r.chance(faults.rate)) throw new Error(`Crashed after ${String(name)}`);
        return result;
      };
    },
  });

export const memoryCells = (clock: () => number): CellStore & { close(): void } => sqliteCells({ path: ':memory:', clock });

/** Files in memory. */
export const memoryObjects = (): ObjectStore & { readonly files: Map<string, Uint8Array> } => {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    put: async (key, body) => void files.set(key, body),
    get: async (key) => files.get(key) ?? null,
    list: async function* (prefix, after) {
      for (const key of [...files.keys()].sort()) if (key.startsWith(prefix) && key > after) yield { key, bytes: files.get(key)?.length ?? 0 };
    },
    remove: async (keys) => {
      for (const key of keys) files.delete(key);
    },
  };
};

export const everyCell = async (store: CellStore, partition: string): Promise<readonly Cell[]> => store.query({ partition, from: '', to: '~' });
