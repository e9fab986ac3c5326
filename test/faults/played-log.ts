import type { Lanes } from '../../shared/log/lane.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import type { Random } from '../../testing/random.ts';
import { type MemoryLog, type MemoryShard, memoryLog } from '../support/memory-log.ts';

export interface PlayedShard extends MemoryShard {
  /** None of its records is in an epoch before this one. */
  readonly floorMs: number;
  /** How many of its first records it has no more. */
  trimmed: number;
}

/** A line of an older log that a repair has left in the lake. */
export interface PastLine {
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
  readonly epochMs: number;
  readonly event: StoredEvent;
}

/** The log of a history: the port that functions call, and all that it ever held, read past the product. */
export interface PlayedLog extends EventLog {
  readonly lanes: () => Lanes;
  /** Every shard that there ever was, with every record that it ever held; parents before children. */
  readonly all: readonly PlayedShard[];
  /** What older logs held, and a repair has brought over; in the order in which the batch layer takes it. */
  readonly past: readonly PastLine[];
  /** A record of any bytes, as nothing but an error could write it. */
  write(shard: PlayedShard, lane: string, data: Uint8Array): Promise<void>;
  /** Closes shards and opens others, their children. */
  reshape(how: 'split' | 'merge' | 'orphan', at: number): void;
  /** Records become too old. `takenOf`: how many of a shard's records every consumer has taken. */
  trim(takenOf: (shard: PlayedShard) => number): void;
  close(): void;
}

/** As Kinesis: records arrive at machines whose clocks differ, shards split and merge one by one, and are forgotten as a whole. */
export const looseLog = ({ shards, lanes, nowMs, random }: { shards: number; lanes: Lanes; nowMs: () => number; random: () => Random }): PlayedLog => {
  const log = memoryLog({ shards, lanes: lanes.count, arrival: () => nowMs() + random().integer(-40_000, 40_000), gap: () => random().integer(1, 40) });
  const openShards = () => log.all.filter(({ open }) => open);
  const known = new Map<MemoryShard, PlayedShard>();
  const played = (shard: MemoryShard): PlayedShard => {
    const one = known.get(shard) ?? { ...shard, floorMs: 0, trimmed: 0 };
    known.set(shard, one);
    return Object.assign(one, { open: shard.open });
  };
  return {
    lanes: () => lanes,
    coding: log.coding,
    append: log.append,
    appendToShards: log.appendToShards,
    shards: log.shards,
    status: log.status,
    past: [],
    get all() {
      return log.all.map(played);
    },
    write: async (shard, lane, data) => log.write(named(log, shard.id), lane, data),
    reshape: (how, at) => {
      const wide = openShards().filter(({ lanes }) => lanes.length > 1);
      const [a, b] = openShards();
      const own = openShards()[at % openShards().length] as MemoryShard;
      if (how === 'orphan') log.orphan(own);
      if (how === 'split' && wide.length > 0) log.split(wide[at % wide.length] as MemoryShard);
      if (how === 'merge' && a !== undefined && b !== undefined) log.merge(a, b);
    },
    trim: (takenOf) => {
      for (const shard of log.all) {
        const one = played(shard);
        if (shard.open || shard.records.length === 0 || takenOf(one) < shard.records.length) continue;
        shard.isTrimmed = true;
        one.trimmed = shard.records.length;
      }
    },
    close: () => {},
  };
};

const named = ({ all }: MemoryLog, id: string): MemoryShard => all.find((shard) => shard.id === id) as MemoryShard;
