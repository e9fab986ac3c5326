import type { Written } from '../shared/live/changes.ts';
import type { Settings } from '../shared/platforms/embedded-settings.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { EventLog, LogShard } from '../shared/ports/event-log.ts';
import type { Consumer, LogReader } from '../shared/ports/log-reader.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { checkpointKey } from '../shared/storage/keys.ts';
import { shardThreads } from './threads.ts';

export interface ConsumerThreadsPorts {
  readonly settings: Settings;
  readonly hasEntities: boolean;
  readonly log: Pick<EventLog, 'shards'> & LogReader;
  readonly store: CellStore;
  /** Takes what writes to the cell store changed. */
  readonly written: (written: Written) => void;
  readonly telemetry: Telemetry;
}

/** The entity store's change stream has one shard, which never closes. */
const CHANGES: LogShard = { id: 'changes', parents: [], open: true, floorMs: 0 };

/** The threads of all consumers. Entities have threads of their own, so that their cost delays no metric. */
export const consumerThreads = ({ settings, hasEntities, log, store, written, telemetry }: ConsumerThreadsPorts) => {
  const groups: readonly (readonly Consumer[])[] = [['aggregate', 'archive'], ...(hasEntities ? [['materialize'] as const] : [])];
  const isDrained = async ({ id }: LogShard, consumers: readonly Consumer[]): Promise<boolean> => {
    for (const consumer of consumers) {
      const [checkpoint] = await store.get([checkpointKey(consumer, id)]);
      const { records: left } = await log.read(id, checkpoint?.version ?? '', { records: 1, bytes: 1 });
      if (left.length > 0) return false;
    }
    return true;
  };
  const heard = (message: unknown): void => {
    if (isWritten(message)) written(message.written);
  };
  const common = { settings, heard, telemetry };
  const threads = groups.map((consumers) => shardThreads({ ...common, script: 'shard-worker', consumers, shards: log.shards, isDrained }));
  if (hasEntities)
    threads.push(shardThreads({ ...common, script: 'change-worker', consumers: [], shards: async () => [CHANGES], isDrained: async () => false }));
  return {
    /** The log's consumers that are running. */
    consumers: groups.flat(),
    start: async (): Promise<void> => {
      await Promise.all(threads.map((group) => group.start()));
    },
    /** Announces new records. */
    wake: (): void => {
      for (const group of threads) group.wake();
    },
    stop: async (): Promise<void> => {
      await Promise.all(threads.map((group) => group.stop()));
    },
  };
};

/** A shard thread's message about what it wrote. */
export interface WrittenMessage {
  readonly written: Written;
}
const isWritten = (message: unknown): message is WrittenMessage => typeof message === 'object' && message !== null && 'written' in message;
