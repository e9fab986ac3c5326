import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetterConsumer, DeadLetters } from '../../ports/dead-letters.ts';
import type { LogRecord } from '../../ports/log-reader.ts';
import { awsClient } from './aws-client.ts';
import { deadLetterOf } from './discarded-batch.ts';
import type { RecordRange } from './kinesis-range.ts';

/** Its reads wait for messages. As for every client, its endpoint comes from the environment, not from a queue's URL. */
export const sqsClient = (): SQSClient => new SQSClient({ ...awsClient({ attempts: 3, answerWithinMs: 10_000 }), useQueueUrlAsEndpoint: false });

export interface DeadLettersSqsOptions {
  readonly client: SQSClient;
  /** URLs of the queues to which the consumers' event source mappings send failures. */
  readonly queues: Readonly<Partial<Record<DeadLetterConsumer, string>>>;
  readonly readLog: (range: RecordRange) => Promise<readonly LogRecord[]>;
}

const MAX_DEAD_LETTERS = 1_000;
/** Longer than a listing takes, so that no message comes twice in it; messages are returned to the queue right after. */
const HIDDEN_SECONDS = 30;
/** Long polling, which asks all servers of the queue, not only some. */
const WAIT_SECONDS = 1;

/**
 * Dead letters in SQS, as Lambda sends them: they name the records, which are then read from the stream. SQS keeps them for
 * 14 days at most. A message that another call has received since cannot be deleted, and is listed again.
 */
export const deadLettersSqs = ({ client, queues, readLog }: DeadLettersSqsOptions): DeadLetters => {
  const handles = new Map<string, { readonly queue: string; readonly handle: string }>();

  const receive = async (consumer: DeadLetterConsumer, queue: string): Promise<DeadLetter[]> => {
    const found = new Map<string, Message>();
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: HIDDEN_SECONDS, WaitTimeSeconds: WAIT_SECONDS }),
      );
      for (const message of Messages) found.set(message.MessageId ?? '', message);
      if (Messages.length === 0 || found.size >= MAX_DEAD_LETTERS) break;
    }
    const messages = [...found.values()];
    for (let i = 0; i < messages.length; i += 10) {
      const Entries = messages.slice(i, i + 10).map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle, VisibilityTimeout: 0 }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue, Entries }));
    }
    return messages.map(({ MessageId = '', ReceiptHandle = '', Body = '' }) => {
      handles.set(MessageId, { queue, handle: ReceiptHandle });
      return deadLetterOf(consumer, MessageId, Body);
    });
  };

  return {
    list: async () => {
      handles.clear();
      const lists = await Promise.all(Object.entries(queues).map(([consumer, queue]) => receive(consumer as DeadLetterConsumer, queue)));
      return lists.flat().sort((a, b) => a.buriedAtMs - b.buriedAtMs);
    },
    read: async (deadLetter) => (deadLetter.consumer === 'index-entities' || deadLetter.shard === '' ? [] : readLog(deadLetter)),
    remove: async ({ id }) => {
      const known = handles.get(id);
      if (known === undefined) throw new RangeError(`Expected a dead letter that was listed before, got '${id}'`);
      try {
        await client.send(new DeleteMessageCommand({ QueueUrl: known.queue, ReceiptHandle: known.handle }));
      } catch (error) {
        if (!(error instanceof ReceiptHandleIsInvalid)) throw error; // it is gone
      }
    },
  };
};
