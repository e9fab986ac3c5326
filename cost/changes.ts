import type { Item } from './services/dynamodb-table.ts';
import type { Stage } from './stage.ts';

/** A new table on demand takes 4,000 write units a second, in partitions of 1,000, and its stream has a shard for each (an assumption). */
const STREAM_SHARDS = 4;

export interface ChangeBatch {
  readonly atMs: number;
  /** As Lambda passes it. */
  readonly event: string;
}
interface Shard {
  waiting: string[];
  dueMs: number;
}

/** The event source mapping of the cell table's stream: the keys of what was written, filtered and batched as the deploy configures it. */
export const changes = (stage: Stage) => {
  const shards = Array.from({ length: STREAM_SHARDS }, (): Shard => ({ waiting: [], dueMs: Number.POSITIVE_INFINITY }));
  const { batchSize, batchWindowMs } = stage.functions.push as Stage['functions'][string];
  return {
    add: ({ partition, sort }: Item, nowMs: number): void => {
      const name = partition?.S ?? '';
      if (!stage.live || !(name.startsWith('cells#') || (name === 'generations' && sort?.S === 'active'))) return;
      const shard = shards[[...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % STREAM_SHARDS, 0)] as Shard;
      shard.waiting.push(
        JSON.stringify({ eventName: 'MODIFY', dynamodb: { Keys: { partition: { S: name }, sort: { S: sort?.S ?? '' } }, StreamViewType: 'KEYS_ONLY' } }),
      );
      shard.dueMs = Math.min(shard.dueMs, shard.waiting.length >= batchSize ? nowMs : nowMs + batchWindowMs);
    },
    /** The next batch that is due until then, or null. */
    next: (untilMs: number): ChangeBatch | null => {
      const shard = shards.reduce((first, one) => (one.dueMs < first.dueMs ? one : first));
      if (shard.dueMs > untilMs) return null;
      const atMs = shard.dueMs;
      const event = `{"Records":[${shard.waiting.splice(0, batchSize).join(',')}]}`;
      shard.dueMs = shard.waiting.length === 0 ? Number.POSITIVE_INFINITY : atMs;
      return { atMs, event };
    },
  };
};
