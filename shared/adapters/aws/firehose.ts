import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { DeliveryStream } from '../../ports/delivery-stream.ts';
import { batches, resend } from '../resend.ts';
import { awsClient } from './aws-client.ts';

/** Short limits, since a delivery happens within a request that also has to reach the log. */
export const firehoseClient = (): FirehoseClient => new FirehoseClient(awsClient({ attempts: 3, answerWithinMs: 5_000 }));

export interface FirehoseOptions {
  readonly client: FirehoseClient;
  readonly stream: string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/** docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html; bytes before base64. */
const MOST = { items: 500, bytes: 4_000_000 };
const MAX_IDLE_ROUNDS = 6;

/**
 * A Firehose stream that writes to the lake's quarantine. It must be configured to partition by the records' `reason` and
 * the hour, like quarantinePrefix, so that one reader finds its objects and the files of the folder alike.
 */
export const firehose = ({ client, stream, sleep, random }: FirehoseOptions): DeliveryStream => ({
  deliver: async (records) => {
    let reason = '';
    const send = async (some: readonly Uint8Array[]): Promise<readonly Uint8Array[]> => {
      const { RequestResponses: results = [] } = await client.send(
        new PutRecordBatchCommand({ DeliveryStreamName: stream, Records: some.map((Data) => ({ Data })) }),
      );
      reason = results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? 'no answer';
      return some.filter((_, i) => results[i]?.RecordId === undefined);
    };
    for (const batch of batches(records, ({ length }) => length, MOST)) {
      const left = await resend(batch, { send, mayGoOn: (idleRounds) => idleRounds < MAX_IDLE_ROUNDS, sleep, random });
      if (left.length > 0) throw new Error(`Firehose stream ${stream}: Expected it to accept ${records.length} records, got ${reason} for ${left.length}`);
    }
  },
});
