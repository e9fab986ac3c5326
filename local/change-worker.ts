// A worker thread: the consumer of the entity store's change stream.
import { workerData } from 'node:worker_threads';
import pipeline from '#pipeline';
import * as platform from '#platform';
import { changesOf } from '../shared/adapters/sqlite/positions.ts';
import { consume, finish, listenToWritten } from './consume.ts';
import { hostFunctions } from './host-functions.ts';

const { shard } = workerData as { shard: string };
const { entityStore, searchIndex } = platform;
const { indexEntities } = hostFunctions(pipeline, platform);

listenToWritten();
await finish([
  consume({
    consumer: 'index-entities',
    shard,
    options: { batchSize: 4_000, batchWindowMs: 20, firstWindowMs: 20, maxBatchWindowMs: 1_000, maxRetries: -1, maxRecordAgeMs: -1, bisect: true },
    read: entityStore().read,
    bytesOf: ({ bytes }) => bytes,
    reached: (sequenceNumber) => searchIndex().reached(changesOf(entityStore().identity()), sequenceNumber),
    invoke: indexEntities,
    deadLetter: async ({ error }) => {
      throw new Error(`Expected changes to be tried until they are indexed, got ${error}`);
    },
  }),
]);
