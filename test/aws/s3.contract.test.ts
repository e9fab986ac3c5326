import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { s3, s3Client } from '../../shared/adapters/aws/s3.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { brokenAfter, brokenBefore, cut, type Fault, type FaultyProxy, passed, silent, startFaultyProxy } from './faulty-proxy.ts';
import { localClient } from './local-client.ts';
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
/** An empty bucket, asked through a client of its own. */
const makeBucket = async (client: S3Client) => {
  const bucket = `lake-${randomUUID()}`;
  const straight = new S3Client(localClient(ministack.endpoint));
  await straight.send(new CreateBucketCommand({ Bucket: bucket }));
  return { bucket, straight: s3({ client: straight, bucket }), store: s3({ client, bucket }) };
};

describeObjectStore(async () => (await makeBucket(new S3Client(localClient(ministack.endpoint)))).store);

test('the platform’s client goes where the environment says', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: ministack.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  const client = s3Client();
  const { store } = await makeBucket(client);
  await store.put('a/b', Buffer.from('x'));
  expect(await store.get('a/b')).toHaveLength(1);
  client.destroy();
  process.env = before;
});

describe('when S3 has its troubles', () => {
  afterEach(() => proxy.always(null));
  const setUp = () => makeBucket(new S3Client(localClient(proxy.endpoint, { answerWithinMs: 1_000 })));
  const xml =
    (status: number, text: string): Fault =>
    async () => ({ status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`) });
  const slowDown = xml(503, '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
  const everything = async (store: Awaited<ReturnType<typeof setUp>>['store']) => {
    const keys: string[] = [];
    await store.put('b', Buffer.from('second'));
    for await (const { key } of store.list('', '')) keys.push(key);
    const body = Buffer.from((await store.get('b')) ?? '').toString();
    await store.remove(['a']);
    return { keys, body };
  };

  test.each([
    ['throttled', slowDown],
    ['a connection that breaks', brokenBefore],
    ['a lost answer', brokenAfter],
    ['silence', silent],
  ])('requests that meet %s are sent again', async (_, fault) => {
    const { store, straight } = await setUp();
    await straight.put('a', Buffer.from('first'));
    // Every request of a kind fails once.
    const failed = new Set<string>();
    proxy.always((request, forward) => {
      const [kind = ''] = request.action.split('?');
      if (failed.has(kind)) return passed(request, forward);
      failed.add(kind);
      return fault(request, forward);
    });
    expect(await everything(store)).toEqual({ keys: ['a', 'b'], body: 'second' });
    expect(failed.size).toBe(4);
    expect(await straight.get('a')).toBeNull();
  });

  test('an object whose bytes stop coming is an error, never a shorter file', async () => {
    const { store, straight } = await setUp();
    await straight.put('a', Buffer.alloc(300_000, 7));
    proxy.always(cut);
    await expect(store.get('a')).rejects.toThrow();
  });

  test('a list whose second page cannot be had is an error, never a shorter list', async () => {
    const { store, straight } = await setUp();
    for (let i = 0; i < 1_001; i += 91)
      await Promise.all(Array.from({ length: 91 }, (_, j) => straight.put(`k${String(i + j).padStart(4, '0')}`, Buffer.from('x'))));
    proxy.always((request, forward) => (request.action.includes('continuation-token') ? slowDown(request, forward) : passed(request, forward)));
    const seen: string[] = [];
    const read = async () => {
      for await (const { key } of store.list('k', '')) seen.push(key);
    };
    await expect(read()).rejects.toThrow('Please reduce your request rate.');
    expect(seen).toHaveLength(1_000);
  });

  test('keys that could not be removed are told, also of the second thousand', async () => {
    const { store, straight } = await setUp();
    await straight.put('z', Buffer.from('x'));
    const keys = [...Array.from({ length: 1_000 }, (_, i) => `k${i}`), 'z', 'zz'];
    proxy.always((request, forward) =>
      request.body.includes('<Key>z</Key>')
        ? xml(
            200,
            '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Error><Key>z</Key><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error><Error><Key>zz</Key><Code>InternalError</Code></Error></DeleteResult>',
          )(request, forward)
        : passed(request, forward),
    );
    await expect(store.remove(keys)).rejects.toThrow(
      "Expected 2 objects to be removed, got InternalError (We encountered an internal error.) for 'z' and 1 more",
    );
  });

  test('a bucket that is not there is an error, not an empty one', async () => {
    const store = s3({ client: new S3Client(localClient(ministack.endpoint)), bucket: 'nothing-here' });
    await expect(store.get('a')).rejects.toThrow(/bucket does not exist/);
    await expect(store.list('', '')[Symbol.asyncIterator]().next()).rejects.toThrow(/bucket does not exist/);
  });
});
