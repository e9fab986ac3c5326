import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { quarantinePrefix } from '../../shared/domain/lake.ts';
import { encodeRecords } from '../../shared/domain/record.ts';
import { encodeEntry, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import type { Account, Api } from './deployment.ts';
import type { PolicyDocument } from './iam.ts';

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
  /** A consumer's batch of a shard of its own: an event, and a record that cannot be read. */
  const consume = async (name: string) => {
    const shard = `shardId-${randomUUID()}`;
    const [good] = await encodeRecords([JSON.stringify({ id: randomUUID(), source: '/events/edit', type: 'edit', time: EVENT.time, data: EVENT })]);
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
    aggregate: () => consume('aggregate'),
    archive: () => consume('archive'),
    heartbeat: async () => void (await account.invoke('heartbeat', {})),
    generations: async () => {
      await expectStatus(admin.get('/generations'), 200);
      await expectStatus(admin.post('/recompute', ''), 202);
    },
  };
};

/** A policy without one of its actions, for every action of every statement. `removed` says which, and of the lake where. */
export const mutations = ({ Version, Statement }: PolicyDocument): { removed: string; policy: PolicyDocument }[] =>
  Statement.flatMap((statement, i) => {
    const actions = typeof statement.Action === 'string' ? [statement.Action] : statement.Action;
    const places = [statement.Resource].flat().map((resource) => String(resource).replace(/^arn:aws:s3:::[^/]*\/?/, ''));
    return actions.map((action) => {
      const others = Statement.filter((_, j) => j !== i);
      const rest = actions.filter((other) => other !== action);
      const removed = action.startsWith('s3:') ? `${action} ${places.join(' ')}`.trim() : action;
      return { removed, policy: { Version, Statement: rest.length === 0 ? others : [...others, { ...statement, Action: rest }] } };
    });
  });
