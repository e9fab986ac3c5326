import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { KinesisClient, ListShardsCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { encodeEntry, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import { quarantinePrefix } from '../../shared/storage/lake.ts';
import type { Account, Api } from './deployment.ts';
import { failureMessage, failureObject } from './failure-message.ts';
import type { PolicyDocument } from './iam.ts';
import { kinesisReader } from './kinesis-reader.ts';
import { localClient } from './local-client.ts';

/** On a day of their own, so that no answer of another test moves. */
const EVENT = {
  time: '2015-11-01T00:00:00.000Z',
  channel: '#permissions',
  namespace: 'Main',
  page: 'A page',
  user: 'Somebody',
  added: 1,
  deleted: 0,
  delta: 1,
  isAnonymous: false,
  isMinor: false,
  isNew: false,
  isRobot: false,
  isUnpatrolled: false,
};
const QUESTION = '/metrics/edits?from=2015-09-12&to=2015-09-13&every=all';

/** What a function needs its permissions for, by the function's name. Each throws if it does not work. */
export const uses = (account: Account, admin: Api, bucket: string): Readonly<Record<string, () => Promise<void>>> => {
  const expectStatus = async (answer: ReturnType<Api['get']>, status: number) => {
    const { status: got, text } = await answer;
    if (got !== status) throw new Error(`Expected ${status}, got ${got}: ${text.slice(0, 200)}`);
  };
  const post = (event: object) => admin.post('/events/edit', JSON.stringify(event), { 'content-type': 'application/json' });
  /** A consumer's first batch of a shard of its own, which is a letter's, since no list need have that: an event, and a record that cannot be read. */
  const consume = async (name: string) => {
    const shard = `letter-${randomUUID()}`;
    const lineOf = (data: object) => JSON.stringify({ id: randomUUID(), source: '/events/edit', type: 'edit', time: EVENT.time, data });
    // No entity takes a key of that length.
    const [good] = encodeRecords([lineOf(EVENT), lineOf({ ...EVENT, page: 'x'.repeat(3_000) })]);
    const Records = [good as Uint8Array, Buffer.from('not gzip')].map((data, i) => ({
      eventID: `${shard}:${i + 1}`,
      kinesis: {
        sequenceNumber: String(i + 1),
        partitionKey: '0',
        approximateArrivalTimestamp: Date.now() / 1_000,
        data: Buffer.from(data).toString('base64'),
      },
    }));
    const { batchItemFailures } = (await account.invoke(name, { Records })) as { batchItemFailures: unknown[] };
    if (batchItemFailures.length > 0) throw new Error(`Expected ${name} to take the batch`);
  };
  const at = localClient(account.ministack.endpoint);
  /** A shard of the log, and its records. */
  const readShard = async () => {
    const kinesis = new KinesisClient(at);
    const { StreamNames: [stream = ''] = [] } = await kinesis.send(new ListStreamsCommand({}));
    const log = { shards: async () => [] };
    const { Shards: [{ ShardId: shard = '' } = {}] = [] } = await kinesis.send(new ListShardsCommand({ StreamName: stream }));
    return { shard, ...(await kinesisReader({ client: kinesis, stream, log }).read(shard, '', { records: 10_000, bytes: 1e9 })) };
  };
  /** The newest record of the log, given up by every consumer, as Lambda says it. */
  const giveUp = async () => {
    const sqs = new SQSClient(at);
    const { shard, records } = await readShard();
    const { key, text } = failureObject(shard, records.slice(-1));
    await account.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    for (const consumer of ['Aggregate', 'Materialize']) {
      const { QueueUrls: [queue] = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: `twinstream-test-${consumer}DeadLetters` }));
      await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: failureMessage(shard, records.slice(-1)) }));
    }
  };
  return {
    // First, while there is nothing new: a run with work to do takes Athena's time.
    recompute: async () => void (await account.invoke('recompute', {})),
    ingest: async () => {
      await expectStatus(post(EVENT), 202);
      await expectStatus(post({}), 422);
    },
    query: async () => {
      await account.restart('query'); // what it keeps in memory it need not read
      await expectStatus(admin.get(QUESTION), 200);
      await expectStatus(admin.get('/health'), 200);
    },
    quarantine: async () => {
      const entryOf = () =>
        quarantineEntry({ reason: 'time', errors: [] }, Buffer.from(JSON.stringify(EVENT)), Date.now(), {
          type: 'edit',
          headers: { 'content-type': 'application/json' },
          fallbackId: randomUUID(),
        });
      const entries = [entryOf(), entryOf()];
      const Key = `${quarantinePrefix('time', Date.now())}${randomUUID()}.gz`;
      await account.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync(Buffer.concat(entries.map(encodeEntry))) }));
      await expectStatus(admin.get('/quarantine?reason=time'), 200);
      // The first leaves the second behind, which then leaves nothing.
      for (const { id } of entries) {
        const { json } = await admin.post('/quarantine/replay', JSON.stringify({ reason: 'time', ids: [id] }), { 'content-type': 'application/json' });
        if (json.replayed !== 1) throw new Error(`Expected one entry to be sent again, got ${JSON.stringify(json)}`);
      }
    },
    letters: async () => {
      await giveUp();
      await expectStatus(admin.get('/dead-letters'), 200);
      const { status, json } = await admin.post('/dead-letters/replay', '');
      const done = (json?.letters ?? []).map(({ consumer, outcome }: { consumer: string; outcome: string }) => `${consumer} ${outcome}`);
      if (
        status !== 200 ||
        !done.includes('archive recovered') ||
        !done.includes('materialize folded') ||
        !done.some((one: string) => one.startsWith('aggregate'))
      )
        throw new Error(`Expected every letter to be replayed, got ${status}: ${JSON.stringify(json)}`);
      const left = (await admin.get('/dead-letters')).json.consumers;
      if (left.archive !== undefined) throw new Error(`Expected the letters to be gone, got ${JSON.stringify(left)}`);
    },
    events: async () => expectStatus(admin.get('/events/edit?limit=1'), 200),
    exclusions: async () => {
      const posted = await admin.post('/exclusions', JSON.stringify({ source: '/nobody', ids: [randomUUID()] }));
      if (posted.status !== 202) throw new Error(`Expected 202, got ${posted.status}: ${posted.text}`);
      await expectStatus(admin.get('/exclusions'), 200);
      await expectStatus(admin.delete(`/exclusions/${posted.json.id}`), 202);
    },
    lookups: async () => {
      const { length } = (await readShard()).records;
      const posted = await admin.post('/lookups/permissions', 'key,value\na,b\n', { 'content-type': 'text/csv' });
      if (posted.status !== 202) throw new Error(`Expected 202, got ${posted.status}: ${posted.text}`);
      // If it cannot be announced, the call goes on, since the next heartbeat announces it.
      if ((await readShard()).records.length <= length) throw new Error('Expected the table to be announced in the log');
      await expectStatus(admin.get('/lookups'), 200);
      await expectStatus(admin.delete(`/lookups/permissions/${posted.json.id}`), 202);
    },
    aggregate: () => consume('aggregate'),
    archive: () => consume('archive'),
    materialize: () => consume('materialize'),
    search: () => expectStatus(admin.get(`/entities/page/${encodeURIComponent(EVENT.page)}`), 200),
    reindex: async () => void (await account.invoke('reindex', { entities: ['page'] })),
    heartbeat: async () => void (await account.invoke('heartbeat', {})),
    generations: async () => {
      await expectStatus(admin.get('/generations'), 200);
      await expectStatus(admin.post('/recompute', ''), 202);
      await expectStatus(admin.post('/reindex', '{"entities":["page"]}'), 202);
    },
  };
};

/** A policy without one of its actions, for every action of every statement. `removed` says which, and of the lake and of tables where. */
export const mutations = ({ Version, Statement }: PolicyDocument): { removed: string; policy: PolicyDocument }[] =>
  Statement.flatMap((statement, i) => {
    const actions = typeof statement.Action === 'string' ? [statement.Action] : statement.Action;
    const places = [statement.Resource].flat().map((resource) => String(resource).replace(/^arn:aws:s3:::[^/]*\/?/, ''));
    return actions.map((action) => {
      const isNamed = action.startsWith('s3:') || action.startsWith('dynamodb:');
      const others = Statement.filter((_, j) => j !== i);
      const rest = actions.filter((other) => other !== action);
      const removed = isNamed ? `${action} ${places.join(' ')}`.trim() : action;
      return { removed, policy: { Version, Statement: rest.length === 0 ? others : [...others, { ...statement, Action: rest }] } };
    });
  });
