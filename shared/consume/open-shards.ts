import { ClosedShardError, type EventLog, type LogShard } from '../ports/event-log.ts';

const MAX_LISTS = 3;

export const openIds = (shards: readonly LogShard[]): string[] => shards.filter(({ open }) => open).map(({ id }) => id);

/** Appends a record to every open shard. Returns the shards as they were listed: if the list is outdated and some have closed, it lists them again. */
export const toOpenShards = async (log: Pick<EventLog, 'shards' | 'appendToShards'>, data: Uint8Array): Promise<readonly LogShard[]> => {
  for (let lists = 1; ; lists++) {
    const shards = await log.shards();
    try {
      await log.appendToShards(openIds(shards), data);
      return shards;
    } catch (error) {
      if (!(error instanceof ClosedShardError) || lists === MAX_LISTS) throw error;
    }
  }
};
