import type { KinesisStreamEvent } from 'aws-lambda';
import { z } from 'zod';
import type { DeadLetter, DeadLetterConsumer } from '../../ports/dead-letters.ts';

// What an event source mapping sends about a discarded batch (docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html).

/** Created when it is needed, so that the zips of other functions can leave it out. */
const failureSchema = () => {
  const info = z.object({
    shardId: z.string().regex(/^[\w-]{1,128}$/),
    startSequenceNumber: z.string().regex(/^\d{1,128}$/),
    endSequenceNumber: z.string().regex(/^\d{1,128}$/),
    approximateArrivalOfFirstRecord: z.iso.datetime(),
    approximateArrivalOfLastRecord: z.iso.datetime(),
    batchSize: z.int().min(1),
  });
  return z.object({
    requestContext: z.object({ condition: z.string(), approximateInvokeCount: z.int() }),
    responseContext: z.object({ functionError: z.string().nullish() }).nullish(),
    timestamp: z.iso.datetime(),
    KinesisBatchInfo: info.optional(),
    DDBStreamBatchInfo: info.optional(),
  });
};

/** The dead letter that a message describes. Somebody else's message is one without a shard: it is listed, and stays. */
export const deadLetterOf = (consumer: DeadLetterConsumer, id: string, message: string): DeadLetter => {
  const failure = failureSchema().safeParse(parsed(message)).data;
  const info = failure?.KinesisBatchInfo ?? failure?.DDBStreamBatchInfo;
  if (failure === undefined || info === undefined)
    return {
      id,
      consumer,
      shard: '',
      first: '0',
      last: '0',
      firstArrivedAtMs: 0,
      lastArrivedAtMs: 0,
      records: 1,
      reason: 'Unreadable',
      attempts: 0,
      error: `Expected the message of an event source mapping, got ${message.slice(0, 200)}`,
      buriedAtMs: 0,
    };
  return {
    id,
    consumer,
    shard: info.shardId,
    first: info.startSequenceNumber,
    last: info.endSequenceNumber,
    firstArrivedAtMs: Date.parse(info.approximateArrivalOfFirstRecord),
    lastArrivedAtMs: Date.parse(info.approximateArrivalOfLastRecord),
    records: info.batchSize,
    reason: failure.requestContext.condition,
    attempts: failure.requestContext.approximateInvokeCount,
    error: failure.responseContext?.functionError ?? null,
    buriedAtMs: Date.parse(failure.timestamp),
  };
};

/** The event that the function was, or would have been, called with: only in S3. Null if it is missing. */
export const payloadOf = (message: string): KinesisStreamEvent | null => {
  const { payload } = (parsed(message) ?? {}) as { readonly payload?: unknown };
  const event = typeof payload === 'string' ? parsed(payload) : payload;
  return typeof event === 'object' && event !== null && Array.isArray((event as KinesisStreamEvent).Records) ? (event as KinesisStreamEvent) : null;
};

/** The message without its payload, from the beginning of its text; null if it does not say where the payload begins. */
export const withoutPayload = (beginning: string): string | null => {
  const at = beginning.indexOf('"payload"');
  return at === -1 ? null : `${beginning.slice(0, at).replace(/,\s*$/, '')}}`;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
