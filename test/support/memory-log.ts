import { fastestCoding } from '../../shared/log/compression.ts';
import { ClosedShardError, type EventLog, type LogShard } from '../../shared/ports/event-log.ts';
import type { LogReader, LogRecord } from '../../shared/ports/log-reader.ts';

export interface MemoryShard {
  readonly id: string;
  readonly parents: readonly string[];
  readonly lanes: readonly number[];
  open: boolean;
  readonly records: LogRecord[];
  /** Its records are too old; the log knows it no more. */
  isTrimmed: boolean;
}
export interface MemoryLog extends EventLog, LogReader {
  readonly all: readonly MemoryShard[];
  /** Closes a shard of several lanes and opens two children. */
  split(shard: MemoryShard): void;
  /** Closes two shards and opens one child. */
  merge(a: MemoryShard, b: MemoryShard): void;
  /** Closes a shard and opens one in its place that names no parent, as no log should: its epochs begin anew. */
  orphan(shard: MemoryShard): void;
  /** A record of any bytes, as nothing but an error could write it. */
  write(shard: MemoryShard, lane: string, data: Uint8Array): void;
}

/** A log in memory. The test says when records arrive, and how far sequence numbers lie apart. */
export const memoryLog = ({ shards, lanes, arrival, gap }: { shards: number; lanes: number; arrival: () => number; gap: () => number }): MemoryLog => {
  const all: MemoryShard[] = [];
  // They grow in length soon, as those of a log do over years.
  let sequence = 5n;
  const open = (parents: readonly string[], own: readonly number[]) =>
    all.push({ id: `shardId-${String(all.length).padStart(12, '0')}`, parents, lanes: own, open: true, records: [], isTrimmed: false });
  const perShard = lanes / shards;
  for (let i = 0; i < shards; i++)
    open(
      [],
      Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => Math.floor(lane / perShard) === i),
    );
  const write = (shard: MemoryShard, lane: string, data: Uint8Array): void => {
    if (!shard.open) throw new ClosedShardError(`Expected an open shard, got ${shard.id}, which has closed`);
    sequence += BigInt(gap());
    shard.records.push({ sequenceNumber: String(sequence), lane, arrivedAtMs: arrival(), data });
  };
  const named = (id: string): MemoryShard => {
    const found = all.find((shard) => shard.id === id);
    if (found === undefined) throw new RangeError(`Expected a shard, got '${id}'`);
    return found;
  };
  return {
    all,
    write,
    coding: fastestCoding(),
    append: async (records) => {
      const targets = records.map(({ lane }) => {
        const shard = all.find((one) => one.open && one.lanes.includes(lane));
        if (shard === undefined) throw new RangeError(`Expected a lane from 0 to ${lanes - 1}, got ${lane}`);
        return shard;
      });
      for (const [i, { lane, data }] of records.entries()) write(targets[i] as MemoryShard, String(lane), data);
    },
    appendToShards: async (ids, data) => {
      for (const id of ids) write(named(id), 'heartbeat', data);
    },
    // Its test says when records arrive.
    status: async () => ({ aheadMs: 0, floorMs: 0 }),
    shards: async () => all.filter(({ isTrimmed }) => !isTrimmed).map(({ id, parents, open: isOpen }): LogShard => ({ id, parents, open: isOpen, floorMs: 0 })),
    read: async (id, after, limits) => {
      const shard = named(id);
      const from = shard.records.findIndex(({ sequenceNumber }) => BigInt(sequenceNumber) > BigInt(after === '' ? 0 : after));
      const records: LogRecord[] = [];
      let bytes = 0;
      for (const record of from === -1 ? [] : shard.records.slice(from, from + limits.records)) {
        bytes += record.data.length;
        if (records.length > 0 && bytes > limits.bytes) break;
        records.push(record);
      }
      return { records, closed: !shard.open && (from === -1 || from + records.length === shard.records.length) };
    },
    split: (shard) => {
      shard.open = false;
      const half = shard.lanes.length >> 1;
      open([shard.id], shard.lanes.slice(0, half));
      open([shard.id], shard.lanes.slice(half));
    },
    orphan: (shard) => {
      shard.open = false;
      open([], shard.lanes);
    },
    merge: (a, b) => {
      a.open = false;
      b.open = false;
      open([a.id, b.id], [...a.lanes, ...b.lanes]);
    },
  };
};
