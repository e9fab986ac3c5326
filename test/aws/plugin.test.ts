import { createRequire } from 'node:module';
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { iamOf } from './iam.ts';
import { localClient, sleep } from './local-client.ts';
import { type Ministack, startMinistack } from './servers/ministack.ts';

// What the plugin does in an account beside CloudFormation.

const load = createRequire(import.meta.url);
const { emptyForGood } = load('../../resources/removal.cjs') as {
  emptyForGood: (of: { client: S3Client; bucket: string; partition: string }) => Promise<void>;
};
const { approachShards } = load('../../resources/shards.cjs') as {
  approachShards: (of: { client: KinesisClient; stream: string; target: number; say: (text: string) => void; sleep: typeof sleep }) => Promise<void>;
};

let ministack: Ministack;
beforeAll(async () => {
  ministack = await startMinistack({ enforceIam: true });
});
afterAll(() => ministack?.stop());

test('a bucket that is written to all the while is emptied, and can be deleted', async () => {
  const client = new S3Client(localClient(ministack.endpoint));
  const bucket = 'lake-under-traffic';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  // The emulator holds no policy against the account's root.
  const credentials = await iamOf(ministack).user('archive', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
  const writer = new S3Client({ ...localClient(ministack.endpoint), credentials });
  const put = (key: string) => writer.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
  for (let i = 0; i < 20; i++) await put(`raw/${i % 10}`);
  const answers = new Set<string>();
  const traffic = (async () => {
    for (let i = 0; i < 5_000 && !answers.has('NoSuchBucket'); i++)
      await put(`raw/late-${i}`).then(
        () => answers.add('written'),
        (error: Error) => answers.add(error.name),
      );
  })();
  await emptyForGood({ client, bucket, partition: 'aws' });
  await client.send(new DeleteBucketCommand({ Bucket: bucket }));
  await traffic;
  expect([...answers]).toEqual(['written', 'AccessDenied', 'NoSuchBucket']);
});

test('a stream comes to where one doubling or halving is left', async () => {
  const client = new KinesisClient(localClient(ministack.endpoint));
  const stream = 'log-to-grow';
  await client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 1 }));
  const shards = async () => (await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))).StreamDescriptionSummary?.OpenShardCount;
  const said: string[] = [];
  const approach = (target: number) => approachShards({ client, stream, target, say: (text) => said.push(text), sleep: async () => sleep(50) });
  await approach(2);
  expect([await shards(), said]).toEqual([1, []]);
  await approach(8);
  expect(await shards()).toBe(4);
  expect(said[0]).toContain('1, 2, 4, 8');
  await approach(1);
  expect(await shards()).toBe(2);
  await expect(approach(4_096)).rejects.toThrow('shards: Expected at most ten doublings or halvings a day, got 2 to 4096');
});
