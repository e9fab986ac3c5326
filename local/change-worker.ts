// A worker thread: the consumer of the entity store's change stream.
import { workerData } from 'node:worker_threads';
import { entityStore, searchIndex } from '#platform';
import { handler as indexEntities } from '../functions/index-entities.ts';
import { changesOf } from '../shared/adapters/sqlite/positions.ts';
import { consume, finish, listenToWritten } from './consume.ts';
import { changeSource } from './stream-sources.ts';

const { shard } = workerData as { shard: string };
const context = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

listenToWritten();
await finish([
  consume({
    consumer: 'index-entities',
    shard,
    options: { batchSize: 1_000, batchWindowMs: 20, maxBatchWindowMs: 1_000, maxRetries: -1, maxRecordAgeMs: -1, bisect: true },
    source: changeSource,
    read: entityStore().read,
    reached: (sequenceNumber) => searchIndex().reached(changesOf(entityStore().identity()), sequenceNumber),
    invoke: (event) => indexEntities(event, context),
    bury: async ({ error }) => {
      throw new Error(`Expected changes to be tried until they are indexed, got ${error}`);
    },
  }),
]);
