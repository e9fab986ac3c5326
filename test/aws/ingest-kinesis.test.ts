import { KinesisClient } from '@aws-sdk/client-kinesis';
import { ingest } from '../../functions/ingest.ts';
import { decodeRecord } from '../../shared/log/record.ts';
import { httpRequest } from '../support/http-request.ts';
import { hits, quiet } from '../support/world.ts';
import { type Fault, type FaultyProxy, refused, silent, startFaultyProxy } from './faulty-proxy.ts';
import { type KinesisStream, kinesisStreams } from './kinesis-streams.ts';
import { localClient } from './local-client.ts';
import { leavesOut } from './partial-failures.ts';
import { startKinesisLocal } from './servers/kinesis-local.ts';
import type { StartedServer } from './servers/process.ts';

/** POST /events over a real Kinesis interface that has its troubles. */
const LANES = 4;
let kinesis: StartedServer;
let proxy: FaultyProxy;
let stream: KinesisStream;
beforeAll(async () => {
  kinesis = await startKinesisLocal();
  proxy = await startFaultyProxy(kinesis.endpoint);
  stream = await kinesisStreams(kinesis.endpoint).make({ shards: 2, lanes: LANES, client: new KinesisClient(localClient(proxy.endpoint)), maxWaitMs: 500 });
});
afterAll(async () => {
  await proxy?.stop();
  await kinesis?.stop();
});

const events = Array.from({ length: 50 }, (_, n) => ({ at: '2026-03-01T00:00:00.000Z', page: 'a', n }));
const post = (key: string) =>
  ingest({ pipeline: hits, log: stream.log, quarantine: { deliver: async () => {} }, lanes: { count: LANES, own: null }, clock: Date.now, telemetry: quiet })(
    httpRequest('POST /events/{type}', {
      pathParameters: { type: 'hit' },
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(events),
    }),
  );
const idsInLog = async (): Promise<string[]> => {
  const pages = await Promise.all((await stream.log.shards()).map(({ id }) => stream.reader.read(id, '', { records: 10_000, bytes: 1e9 })));
  return pages.flatMap(({ records }) => records.flatMap(({ data }) => decodeRecord(data).map((line) => JSON.parse(line).id)));
};

const troubles: [string, Fault][] = [
  ['throttled', refused(400, 'ProvisionedThroughputExceededException')],
  ['throttled in part', leavesOut((i) => i === 0)],
  ['silent', silent],
];
test.each(troubles)('while the log is %s, the answer is 503 with Retry-After; sent again later, every event is there under its id', async (name, fault) => {
  proxy.always(fault);
  const refusal = await post(name);
  expect(refusal).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json', 'retry-after': '1' } });
  proxy.always(null);
  expect(await post(name)).toMatchObject({ status: 202, body: JSON.stringify({ accepted: 50, rejected: 0, errors: [] }) });
  const ids = (await idsInLog()).filter((id) => id.startsWith(`${name}:`));
  expect([...new Set(ids)].sort()).toEqual(events.map((_, i) => `${name}:${i}`).sort());
});
