import { randomUUID } from 'node:crypto';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type FirehoseOptions, firehose, firehoseClient } from '../../shared/adapters/aws/firehose.ts';
import { s3 } from '../../shared/adapters/aws/s3.ts';
import { encodeEntry, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import { describeDeliveryStream } from '../contracts/delivery-stream.ts';
import { quarantined } from '../support/quarantined.ts';
import { until } from '../support/until.ts';
import { brokenAfter, brokenBefore, type FaultyProxy, refused, silent, startFaultyProxy } from './faulty-proxy.ts';
import { localClient, sleep } from './local-client.ts';
import { leavesOut } from './partial-failures.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let ministack: StartedServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  ministack = await startMinistack({ enforceIam: false });
  proxy = await startFaultyProxy(ministack.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await ministack?.stop();
});

/** A Firehose stream into an empty bucket, set as resources/ sets the quarantine's. */
const makeStream = async (options: Partial<FirehoseOptions> = {}) => {
  const name = `quarantine-${randomUUID()}`;
  const client = new FirehoseClient(localClient(ministack.endpoint));
  const s3Client = new S3Client(localClient(ministack.endpoint));
  await s3Client.send(new CreateBucketCommand({ Bucket: name }));
  await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        BucketARN: `arn:aws:s3:::${name}`,
        RoleARN: 'arn:aws:iam::000000000000:role/quarantine',
        CompressionFormat: 'GZIP',
        Prefix: 'quarantine/reason=!{partitionKeyFromQuery:reason}/!{timestamp:yyyy/MM/dd/HH}/',
        ErrorOutputPrefix: 'quarantine-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/',
        DynamicPartitioningConfiguration: { Enabled: true },
        ProcessingConfiguration: {
          Enabled: true,
          Processors: [
            {
              Type: 'MetadataExtraction',
              Parameters: [
                { ParameterName: 'MetadataExtractionQuery', ParameterValue: '{reason:.reason}' },
                { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
              ],
            },
          ],
        },
      },
    }),
  );
  return { stream: firehose({ client, stream: name, sleep, random: Math.random, ...options }), lake: s3({ client: s3Client, bucket: name }) };
};

describeDeliveryStream(() => makeStream());

test('the platform’s client goes where the environment says', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_FIREHOSE: ministack.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  const client = firehoseClient();
  const { stream } = await makeStream({ client });
  await stream.deliver([Buffer.from('{"reason":"invalid"}\n')]);
  client.destroy();
  process.env = before;
});

describe('when Firehose has its troubles', () => {
  afterEach(() => proxy.always(null));
  const entries = Array.from({ length: 10 }, (_, i) =>
    quarantineEntry({ reason: 'invalid', errors: [{ message: 'no' }] }, Buffer.from(`{"i":${i}}`), Date.now(), { type: null, headers: {}, fallbackId: null }),
  );
  const ids = entries.map(({ id }) => id).sort();
  const setUp = async () => {
    const slept: number[] = [];
    const client = new FirehoseClient(localClient(proxy.endpoint, { answerWithinMs: 1_000 }));
    const made = await makeStream({ client, sleep: async (ms) => void slept.push(ms), random: () => 1 });
    /** Entries by how often they stand there. */
    const found = () =>
      until(async () => {
        const { events } = await quarantined(made.lake, { fromMs: 0, toMs: Date.now() + 60_000, reasons: ['invalid'], path: null, code: null, limit: 1_000 });
        return new Set(events.map(({ id }) => id)).size === ids.length && events.map(({ id }) => id).sort();
      });
    return { ...made, slept, found };
  };
  test('records that were left out are sent again by themselves, and each is delivered once', async () => {
    const { stream, found, slept } = await setUp();
    const seen: number[] = [];
    proxy.next(
      'PutRecordBatch',
      leavesOut((i) => i % 2 === 0, seen),
      leavesOut((i) => i === 4, seen),
      leavesOut(() => false, seen),
    );
    await stream.deliver(entries.map(encodeEntry));
    expect(seen).toEqual([10, 5, 1]);
    expect(await found()).toEqual(ids);
    expect(slept).toEqual([50, 50]);
  });

  test('records that never get through are an error that says why', async () => {
    const { stream, slept } = await setUp();
    proxy.next(
      'PutRecordBatch',
      leavesOut((i) => i > 6),
    );
    proxy.always(leavesOut(() => true));
    await expect(stream.deliver(entries.map(encodeEntry))).rejects.toThrow('Expected it to accept 10 records, got ServiceUnavailableException for 3');
    expect(slept).toEqual([50, 100, 200, 400, 800, 1600]);
  });

  test.each([
    ['a service that is unavailable', refused(503, 'ServiceUnavailableException')],
    ['a connection that breaks', brokenBefore],
    ['silence', silent],
    ['a lost answer', brokenAfter],
  ])('a request that meets %s is sent again', async (_, fault) => {
    const { stream, found } = await setUp();
    proxy.next('PutRecordBatch', fault);
    await stream.deliver(entries.map(encodeEntry));
    expect([...new Set(await found())]).toEqual(ids);
  });

  test('a stream that is not there is an error', async () => {
    const { stream } = await makeStream({ stream: 'nothing' });
    await expect(stream.deliver(entries.map(encodeEntry))).rejects.toThrow(/nothing .*not found/);
  });
});
