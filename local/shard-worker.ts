// A worker thread: some consumers of one shard of the log, from when the shard's parents are drained until its own end.
import { parentPort, workerData } from 'node:worker_threads';
import pipeline from '#pipeline';
import * as platform from '#platform';
import { type Written, watchedCells } from '../shared/live/changes.ts';
import type { Consumer, LogRecord } from '../shared/ports/log-reader.ts';
import { announceWritten, consume, finish } from './consume.ts';
import type { WrittenMessage } from './consumer-threads.ts';
import { hostFunctions } from './host-functions.ts';
import type { DeadLetter, PollerOptions } from './poller.ts';

const { shard, consumers } = workerData as { shard: string; consumers: readonly Consumer[] };
const { clock, deadLetters, entityStore, eventLog, settings, telemetry } = platform;
const { epochLengthMs } = settings();
const report = (written: Written): void => parentPort?.postMessage({ written } satisfies WrittenMessage);
const { archive, materialize } = hostFunctions(pipeline, platform);
const { aggregate } = hostFunctions(pipeline, { ...platform, cellStore: () => watchedCells(platform.cellStore(), report) });

const UNLIMITED = { maxRetries: -1, maxRecordAgeMs: -1, bisect: true } as const;
const archiveWindowMs = Math.min(60_000, Math.max(200, epochLengthMs / 6));
const mappings = {
  aggregate: { take: aggregate, options: { ...UNLIMITED, batchSize: 500, batchWindowMs: 50, firstWindowMs: 50, maxBatchWindowMs: 1_000 } },
  materialize: { take: materialize, options: { ...UNLIMITED, batchSize: 500, batchWindowMs: 50, firstWindowMs: 50, maxBatchWindowMs: 1_000 } },
  archive: {
    take: archive,
    // The first batch of a shard advances the horizon, for which a changed definition waits.
    options: { ...UNLIMITED, batchSize: 2_000, batchWindowMs: archiveWindowMs, firstWindowMs: 0, maxBatchWindowMs: archiveWindowMs },
  },
} as const;

const deadLetter =
  (consumer: Consumer) =>
  async ({ records, ...about }: DeadLetter<LogRecord>): Promise<void> => {
    await deadLetters().add({ ...about, consumer, buriedAtMs: clock(), contents: records });
    telemetry().count('dead_letters', records.length);
    telemetry().error('Records were dead-lettered', { consumer, shard, records: records.length, reason: about.reason, error: about.error });
  };

const run = (consumer: Consumer) => {
  const { take, options }: { take: typeof aggregate; options: PollerOptions } = mappings[consumer];
  return consume({
    consumer,
    shard,
    options,
    read: eventLog().read,
    bytesOf: ({ data }) => data.length,
    reached: (sequenceNumber) => {
      if (consumer === 'materialize') entityStore().reached(shard, sequenceNumber);
    },
    invoke: async (records) => {
      const outcome = await take({ shard, records });
      if (consumer === 'materialize') announceWritten();
      return outcome;
    },
    deadLetter: deadLetter(consumer),
  });
};
await finish(consumers.map(run));
