import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { deadLettersOnAws } from '../../shared/adapters/aws/dead-letters.ts';
import { deadLettersInLake } from '../../shared/adapters/aws/dead-letters-lake.ts';
import { deadLettersSqs } from '../../shared/adapters/aws/dead-letters-sqs.ts';
import { kinesisRange } from '../../shared/adapters/aws/kinesis-range.ts';
import { s3 as s3Lake } from '../../shared/adapters/aws/s3.ts';
import type { DeadLetter, DeadLetterConsumer } from '../../shared/ports/dead-letters.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';
import { describeDeadLetters, type LettersUnderTest } from '../contracts/dead-letters.ts';
import { failureMessage, failureObject } from './failure-message.ts';
import { kinesisStreams } from './kinesis-streams.ts';
import { localClient, sleep } from './local-client.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let ministack: StartedServer;
let sqs: SQSClient;
let s3: S3Client;
beforeAll(async () => {
  ministack = await startMinistack({ enforceIam: false });
  sqs = new SQSClient(localClient(ministack.endpoint));
  s3 = new S3Client(localClient(ministack.endpoint));
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
describe('in queues', () => describeDeadLetters(make));

/** As a stage has them: the archive's are in the lake, with their records. */
const makeOnAws = async () => {
  const made = await make();
  const bucket = `lake-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const store = async (from: number, to: number, change: (text: string) => string = (text) => text): Promise<string> => {
    const { key, text } = failureObject(made.shard, made.records.slice(from, to) as readonly LogRecord[]);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: change(text) }));
    return key;
  };
  const readLog = kinesisRange({ client: kinesisStreams(ministack.endpoint).client, stream: made.stream, sleep });
  const stored = deadLettersInLake({ lake: s3Lake({ client: s3, bucket }), consumer: 'archive', readLog });
  const bury: LettersUnderTest['bury'] = async (consumer, from, to) => {
    if (consumer === 'archive') await store(from, to);
    else await made.bury(consumer, from, to);
  };
  return { ...made, letters: deadLettersOnAws({ queued: made.letters, stored }), bucket, stored, store, bury };
};
describe('in queues and in the lake', () => {
  describeDeadLetters(makeOnAws);

  test('the archive’s are replayed from the lake when the log has nothing of them left', async () => {
    const { bucket, shard, records, store } = await makeOnAws();
    await store(0, 6);
    const letters = deadLettersInLake({ lake: s3Lake({ client: s3, bucket }), consumer: 'archive', readLog: async () => [] });
    const [letter] = await letters.list();
    const read = await letters.read(letter as DeadLetter);
    expect([letter?.shard, letter?.records]).toEqual([shard, 6]);
    expect(read.map(({ sequenceNumber, arrivedAtMs, data }) => [sequenceNumber, arrivedAtMs, [...data]])).toEqual(
      records.map(({ sequenceNumber, arrivedAtMs, data }) => [sequenceNumber, arrivedAtMs, [...data]]),
    );
  });

  test('one that is large is listed by its beginning, one without records is read from the log, and somebody else’s file stays', async () => {
    const { bucket, stored, store, records } = await makeOnAws();
    const large = await store(0, 2, (text) => JSON.stringify({ ...JSON.parse(text), payload: 'x'.repeat(2_000_000) }));
    await store(2, 4, (text) => JSON.stringify({ ...JSON.parse(text), payload: undefined }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'aws/lambda/other', Body: `no message ${'x'.repeat(20_000)}` }));
    const read: (readonly string[])[] = [];
    const gets = new Set<string>();
    s3.middlewareStack.add(
      (next) => async (args) => {
        const { Key, Range } = args.input as { Key?: string; Range?: string };
        if (Key === large) gets.add(Range ?? 'all of it');
        return next(args);
      },
      { step: 'initialize', name: 'seen' },
    );
    const listed = await stored.list();
    expect([...gets]).toEqual(['bytes=0-8191']);
    s3.middlewareStack.remove('seen');
    for (const letter of listed) read.push((await stored.read(letter)).map(({ sequenceNumber }) => sequenceNumber));
    expect(listed.map(({ shard, reason }) => [shard === '', reason])).toEqual([
      [true, 'Unreadable'],
      [false, 'RetryAttemptsExhausted'],
      [false, 'RetryAttemptsExhausted'],
    ]);
    expect(read.slice(1).sort()).toEqual([records.slice(0, 2), records.slice(2, 4)].map((some) => some.map(({ sequenceNumber }) => sequenceNumber)));
  });
});

test('records that have left the stream are left out, however many of them are left', async () => {
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

test('a message that is no dead letter is listed as unreadable, and those beside it are read', async () => {
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
