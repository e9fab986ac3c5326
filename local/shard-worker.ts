// A worker thread: some consumers of one shard of the log, from the shard's parents being drained to its own end.
import { workerData } from 'node:worker_threads';
import { clock, deadLetters, entityStore, eventLog, settings, telemetry } from '#platform';
import { handler as aggregate } from '../functions/aggregate.ts';
import { handler as archive } from '../functions/archive.ts';
import { handler as materialize } from '../functions/materialize.ts';
import type { Consumer, LogRecord } from '../shared/ports/log-reader.ts';
import { consume, finish, tellWritten } from './consume.ts';
import type { DeadLetter, PollerOptions } from './poller.ts';
import { kinesisSource } from './stream-sources.ts';

const { shard, consumers } = workerData as { shard: string; consumers: readonly Consumer[] };
const { epochLengthMs } = settings();
const context = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

const UNLIMITED = { maxRetries: -1, maxRecordAgeMs: -1, bisect: true } as const;
const archiveWindowMs = Math.min(60_000, Math.max(200, epochLengthMs / 6));
const mappings = {
  aggregate: { handler: aggregate, options: { ...UNLIMITED, batchSize: 500, batchWindowMs: 50, maxBatchWindowMs: 1_000 } },
  materialize: { handler: materialize, options: { ...UNLIMITED, batchSize: 500, batchWindowMs: 50, maxBatchWindowMs: 1_000 } },
  archive: { handler: archive, options: { ...UNLIMITED, batchSize: 2_000, batchWindowMs: archiveWindowMs, maxBatchWindowMs: archiveWindowMs } },
} as const;

const bury =
  (consumer: Consumer) =>
  async ({ records, ...about }: DeadLetter<LogRecord>): Promise<void> => {
    await deadLetters().bury({ ...about, consumer, buriedAtMs: clock(), contents: records });
    telemetry().count('dead_letters', records.length);
    telemetry().error('Records were given up', { consumer, shard, records: records.length, reason: about.reason, error: about.error });
  };

const run = (consumer: Consumer) => {
  const { handler, options }: { handler: typeof aggregate; options: PollerOptions } = mappings[consumer];
  return consume({
    consumer,
    shard,
    options,
    source: kinesisSource,
    read: eventLog().read,
    reached: (sequenceNumber) => {
      if (consumer === 'materialize') entityStore().reached(shard, sequenceNumber);
    },
    invoke: async (event) => {
      const answer = await handler(event, context);
      if (consumer === 'materialize') tellWritten();
      return answer;
    },
    bury: bury(consumer),
  });
};
await finish(consumers.map(run));
