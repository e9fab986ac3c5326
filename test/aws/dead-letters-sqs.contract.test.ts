import { randomUUID } from 'node:crypto';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { deadLettersSqs } from '../../shared/adapters/aws/dead-letters-sqs.ts';
import { kinesisRange } from '../../shared/adapters/aws/kinesis-range.ts';
import type { DeadLetterConsumer } from '../../shared/ports/dead-letters.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';
import { describeDeadLetters, type LettersUnderTest } from '../contracts/dead-letters.ts';
import { failureMessage } from './failure-message.ts';
import { kinesisStreams } from './kinesis-streams.ts';
import { localClient, sleep } from './local-client.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let ministack: StartedServer;
let sqs: SQSClient;
beforeAll(async () => {
  ministack = await startMinistack({ enforceIam: false });
  sqs = new SQSClient(localClient(ministack.endpoint));
});
afterAll(() => ministack?.stop());

/** Queues, and a stream of one shard with six records. The emulator's event source mappings never send letters, so tests do, in Lambda's form. */
const make = async (): Promise<LettersUnderTest & { send: (consumer: DeadLetterConsumer, body: string) => Promise<void>; stream: string }> => {
  const queues: Record<string, string> = {};
  for (const consumer of ['aggregate', 'archive', 'materialize', 'index-entities'])
    queues[consumer] = (await sqs.send(new CreateQueueCommand({ QueueName: `${consumer}-${randomUUID()}` }))).QueueUrl ?? '';
  const streams = kinesisStreams(ministack.endpoint);
  const { name, log, reader } = await streams.make({ shards: 1, lanes: 1 });
  for (let i = 0; i < 6; i++) await log.append([{ lane: 0, data: Buffer.from([i, 0xff]) }]);
  const [{ id: shard = '' } = {}] = await log.shards();
  const { records } = await reader.read(shard, '', { records: 10, bytes: 1e6 });
  const send = async (consumer: DeadLetterConsumer, body: string) =>
    void (await sqs.send(new SendMessageCommand({ QueueUrl: queues[consumer], MessageBody: body })));
  return {
    letters: deadLettersSqs({ client: sqs, queues, readLog: kinesisRange({ client: streams.client, stream: name, sleep }) }),
    records,
    shard,
    stream: name,
    send,
    bury: (consumer, from, to) => send(consumer, failureMessage(shard, records.slice(from, to) as readonly LogRecord[])),
  };
};
describeDeadLetters(make);

test('records that the stream holds no more are left out, whatever of them is left', async () => {
  const { shard, records, stream } = await make();
  const read = kinesisRange({ client: kinesisStreams(ministack.endpoint).client, stream, sleep });
  const [first, last] = [records[0]?.sequenceNumber ?? '', records.at(-1)?.sequenceNumber ?? ''];
  const firstArrivedAtMs = records[0]?.arrivedAtMs ?? 0;
  const earlier = (BigInt(first) - 5n).toString();
  expect(await read({ shard, first: earlier, last: first, firstArrivedAtMs })).toHaveLength(1);
  expect(await read({ shard, first: earlier, last: earlier, firstArrivedAtMs })).toEqual([]);
  expect(await read({ shard, first: (BigInt(last) + 1n).toString(), last: (BigInt(last) + 9n).toString(), firstArrivedAtMs })).toEqual([]);
  expect(await read({ shard: 'shardId-000000000999', first, last, firstArrivedAtMs })).toEqual([]);
});

test('a message that is no letter is listed as one that cannot be read, and others beside it can', async () => {
  const { letters, bury, send, shard } = await make();
  await send('archive', 'not JSON');
  await send('archive', failureMessage("shard'; --", []));
  await bury('archive', 0, 1);
  const listed = await letters.list();
  expect(listed.map((letter) => [letter.shard, letter.reason])).toEqual([
    ['', 'Unreadable'],
    ['', 'Unreadable'],
    [shard, 'RetryAttemptsExhausted'],
  ]);
  expect(await letters.read(listed[0] as (typeof listed)[number])).toEqual([]);
});
