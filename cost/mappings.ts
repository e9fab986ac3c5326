import type { ShardRecord } from './services/kinesis.ts';
import type { Stage } from './stage.ts';

export type StreamFunction = 'aggregate' | 'archive' | 'materialize';

export interface Batch {
  readonly consumer: StreamFunction;
  readonly shard: string;
  readonly atMs: number;
  readonly records: readonly ShardRecord[];
  /** As Lambda passes it. */
  readonly event: string;
}
interface Queue {
  readonly consumer: StreamFunction;
  readonly shard: string;
  waiting: ShardRecord[];
  /** When the batch is passed on; infinite while nothing waits. */
  dueMs: number;
}

/** A batch is passed on at 6 MB as JSON (docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html). */
const MAX_PAYLOAD_BYTES = 6_000_000;
/** Of a record in the event, beside its data. */
const ENVELOPE_BYTES = 520;

/** The event source mappings of the log's consumers: one batch a shard at a time, by the window and size that the deploy configures. */
export const mappings = (stage: Stage, shards: readonly string[], consumers: readonly StreamFunction[]) => {
  const queues = consumers.flatMap((consumer) => shards.map((shard): Queue => ({ consumer, shard, waiting: [], dueMs: Number.POSITIVE_INFINITY })));
  const settingsOf = (consumer: StreamFunction) => stage.functions[consumer] as Stage['functions'][string];
  const sizeOf = ({ data }: ShardRecord): number => Math.ceil(data.byteLength / 3) * 4 + ENVELOPE_BYTES;
  const plan = (queue: Queue, nowMs: number): void => {
    const { batchSize, batchWindowMs } = settingsOf(queue.consumer);
    const [first] = queue.waiting;
    if (first === undefined) queue.dueMs = Number.POSITIVE_INFINITY;
    else {
      const isFull = queue.waiting.length >= batchSize || queue.waiting.reduce((sum, record) => sum + sizeOf(record), 0) >= MAX_PAYLOAD_BYTES;
      queue.dueMs = isFull ? nowMs : Math.max(nowMs, first.arrivedAtMs + batchWindowMs);
    }
  };
  return {
    add: (shard: string, records: readonly ShardRecord[], nowMs: number): void => {
      for (const queue of queues) {
        if (queue.shard !== shard) continue;
        queue.waiting.push(...records);
        plan(queue, nowMs);
      }
    },
    /** The next batch that is due until then, or null. */
    next: (untilMs: number): Batch | null => {
      const queue = queues.reduce((first, one) => (one.dueMs < first.dueMs ? one : first));
      if (queue.dueMs > untilMs) return null;
      const { consumer, shard, dueMs: atMs } = queue;
      const { batchSize } = settingsOf(consumer);
      let bytes = 0;
      let count = 0;
      for (const record of queue.waiting) {
        bytes += sizeOf(record);
        if (count > 0 && (count >= batchSize || bytes > MAX_PAYLOAD_BYTES)) break;
        count++;
      }
      const records = queue.waiting.splice(0, count);
      plan(queue, atMs);
      return { consumer, shard, atMs, records, event: JSON.stringify({ Records: records.map((record) => recordOf(shard, record)) }) };
    },
  };
};

const recordOf = (shard: string, { partitionKey, sequenceNumber, data, arrivedAtMs }: ShardRecord) => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey,
    sequenceNumber,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    approximateArrivalTimestamp: arrivedAtMs / 1_000,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `${shard}:${sequenceNumber}`,
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::123456789012:role/twinstream-prod-consumer',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/twinstream-prod-Log-0123456789AB',
});
