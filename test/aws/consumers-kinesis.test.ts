import { randomUUID } from 'node:crypto';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { aggregate } from '../../functions/aggregate.ts';
import { archive } from '../../functions/archive.ts';
import { materialize } from '../../functions/materialize.ts';
import type { DeadLetter } from '../../local/poller.ts';
import { s3 } from '../../shared/adapters/aws/s3.ts';
import { appendLines } from '../../shared/ingest/accept.ts';
import { identityOf, laneOf } from '../../shared/log/identity.ts';
import { decodeRecord, HEARTBEAT } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import { type EventLog, LogUnavailableError } from '../../shared/ports/event-log.ts';
import type { Consumer, LogRecord, ShardRecords } from '../../shared/ports/log-reader.ts';
import { type Random, random } from '../../testing/random.ts';
import { type Faults, faulty, hits, quiet } from '../support/world.ts';
import { expectPages, expectSame, expectTotals, linesOfLake, linesOfLog } from './consumer-checks.ts';
import { dynamodbTables } from './dynamodb-tables.ts';
import { brokenAfter, brokenBefore, type Fault, type FaultyProxy, passed, refused, startFaultyProxy } from './faulty-proxy.ts';
import { kinesisHost } from './kinesis-host.ts';
import { kinesisStreams } from './kinesis-streams.ts';
import { localClient, sleep } from './local-client.ts';
import { leavesOut } from './partial-failures.ts';
import { startDynamoDbLocal } from './servers/dynamodb-local.ts';
import { startKinesisLocal } from './servers/kinesis-local.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

/**
 * The consumers over real Kinesis, DynamoDB and S3 interfaces, driven by the host's own poller, as Lambda's event source
 * mapping drives them: crashes and refusals at every step, shards that change, records that are given up.
 */
let kinesis: StartedServer;
let dynamodb: StartedServer;
let ministack: StartedServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  [kinesis, dynamodb, ministack] = await Promise.all([startKinesisLocal(), startDynamoDbLocal(), startMinistack({ enforceIam: false })]);
  proxy = await startFaultyProxy(kinesis.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await Promise.all([kinesis?.stop(), dynamodb?.stop(), ministack?.stop()]);
});

const LANES = 4;

const makeWorld = async () => {
  const stream = await kinesisStreams(kinesis.endpoint).make({ shards: 2, lanes: LANES, client: new KinesisClient(localClient(proxy.endpoint)) });
  const tables = dynamodbTables(dynamodb.endpoint);
  const [{ store }, { entities }] = await Promise.all([tables.make({}), tables.makeEntities({})]);
  const client = new S3Client(localClient(ministack.endpoint));
  const bucket = `lake-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { ...stream, store, entities, lake: s3({ client, bucket }) };
};
type World = Awaited<ReturnType<typeof makeWorld>>;
type Stores = Pick<World, 'store' | 'entities' | 'lake' | 'log'>;

/** A consumer's function with its ports as a container has them; epochs of seconds, so that a test sees several. */
const functionOf = (consumer: Consumer, { store, entities, lake, log }: Stores) => {
  const ports = {
    store,
    entities,
    lake,
    log,
    epochLengthMs: 5_000,
    telemetry: quiet,
    pipeline: hits,
    quarantine: { deliver: async () => {} },
    clock: Date.now,
    duplicateWindowMs: 3_600_000,
    cellPartBytes: 2_000,
    cellsKeptMs: null,
    fastPath: true,
    cacheBytes: 2 ** 28,
    writeUnitBytes: 1_024,
  };
  return { aggregate, archive, materialize }[consumer](ports);
};

const hit = (id: string, n: number): StoredEvent => {
  const at = new Date(Date.parse('2026-03-01T00:00:00.000Z') + (n % 5) * 1_800_000).toISOString();
  return { id, source: '/hits', type: 'hit', time: at, data: { at, page: 'abc'[n % 3] ?? '', n } };
};
const append = (log: EventLog, events: readonly StoredEvent[]): Promise<void> => {
  const byLane = new Map<number, string[]>();
  for (const event of events) {
    const lane = laneOf(identityOf(event.source, event.id), LANES);
    byLane.set(lane, [...(byLane.get(lane) ?? []), JSON.stringify(event)]);
  }
  return appendLines(log, byLane);
};

/** As a client that sends its events again with the same ids. */
const untilTaken = async (send: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
    }
  }
};

/** Some of a request's records are left out, and it is throttled, broken off or forgotten at times. */
const kinesisFaults = (r: Random, faults: Faults): Fault => {
  const some = leavesOut((i) => i > 0 && r.chance(0.5));
  const throttled = refused(400, 'ProvisionedThroughputExceededException');
  return (request, forward) => {
    const fault =
      request.action === 'PutRecords' && r.chance(faults.rate)
        ? r.pick([some, some, brokenBefore, brokenAfter, throttled, refused(500, 'InternalFailure')])
        : passed;
    return fault(request, forward);
  };
};

/** Writes take longer than the next batches. */
const slow = (store: CellStore, r: Random): CellStore => ({
  ...store,
  put: async (writes) => {
    await sleep(r.integer(0, 500));
    return store.put(writes);
  },
});

/** Hosts of a test, to be stopped also if it fails. */
let hosts: ReturnType<typeof kinesisHost>[] = [];
afterEach(async () => {
  proxy.always(null);
  await Promise.all(hosts.map((host) => host.stop()));
});
const settle = async (): Promise<void> => {
  for (const host of hosts) await host.caughtUp();
  for (const host of hosts) await host.stop();
};

test.each([1_000, 8_919])('every event counts once, and the lake holds the log: seed %i', async (seed) => {
  const r = random(seed);
  const world = await makeWorld();
  const { log, reader, store, entities, lake } = world;
  const faults: Faults = { rate: 0.05 };
  // A poller that dies after a success begins before it, with another batch.
  const hostFaults: Faults = { rate: 0.2 };
  const sending: Faults = { rate: 0.3 };
  proxy.always(kinesisFaults(r, sending));
  const failing = { log, store: faulty(store, r, faults), entities: faulty(entities, r, faults), lake: faulty(lake, r, faults) };
  const zombies: Promise<unknown>[] = [];
  hosts = (['aggregate', 'archive', 'materialize'] as const).map((consumer) => {
    // Several containers, each of which takes one invocation at a time.
    const containers = (ports: Stores) => Array.from({ length: 5 }, () => ({ handler: functionOf(consumer, ports), isBusy: false }));
    const run = async (some: ReturnType<typeof containers>, batch: ShardRecords) => {
      const container = r.pick(some.filter(({ isBusy }) => !isBusy));
      container.isBusy = true;
      return container.handler(batch).finally(() => {
        container.isBusy = false;
      });
    };
    const [live, stale] = [containers(failing), containers({ ...failing, store: slow(failing.store, r) })];
    const invoke = async (batch: ShardRecords) => {
      // The same batch twice, of which nobody waits for the slower one.
      if (stale.some(({ isBusy }) => !isBusy)) zombies.push(run(stale, batch).catch(() => {}));
      return run(live, batch);
    };
    return kinesisHost({ consumer, reader: faulty(reader, r, faults), checkpoints: faulty(store, r, hostFaults), invoke, options: {} });
  });

  const sent: StoredEvent[] = [];
  for (let round = 0; round < 36; round++) {
    const events = Array.from({ length: r.integer(1, 25) }, () =>
      sent.length > 0 && r.chance(0.25) ? r.pick(sent) : hit(`e${sent.length}-${r.integer(0, 1e6)}`, sent.length),
    );
    sent.push(...events);
    await untilTaken(() => append(log, events));
    if (round === 17) await world.reshard();
    if (round % 9 === 4)
      await untilTaken(async () =>
        log.appendToShards(
          (await log.shards()).filter(({ open }) => open).map(({ id }) => id),
          HEARTBEAT,
        ),
      );
  }
  for (const all of [faults, hostFaults, sending]) all.rate = 0;
  await settle();
  await Promise.allSettled(zombies);

  const logged = await linesOfLog(reader);
  expect(new Set([...logged.values()].map((line) => JSON.parse(line).id))).toEqual(new Set(sent.map(({ id }) => id)));
  expect(logged.size).toBeGreaterThan(new Set(sent.map(({ id }) => id)).size);
  await expectTotals(world, sent);
  await expectPages(world, sent);
  expectSame('the lake', logged, await linesOfLake(lake));
  expect((await reader.shards()).some(({ open }) => !open)).toBe(true);
  // It was no quiet history.
  expect(hosts.every((host) => host.deaths() > 0)).toBe(true);
});

test('a record that was given up is missing from the totals alone, and the lake has it', async () => {
  const world = await makeWorld();
  const { log, reader, store, lake } = world;
  const events = Array.from({ length: 60 }, (_, i) => hit(`e${i}`, i));
  for (const event of events) await append(log, [event]);
  const poison = (events[31] as StoredEvent).id;
  const fold = functionOf('aggregate', world);
  const letters: DeadLetter<LogRecord>[] = [];
  hosts = [
    kinesisHost({
      consumer: 'aggregate',
      reader,
      checkpoints: store,
      options: { maxRetries: 1 },
      deadLetter: async (letter) => void letters.push(letter),
      invoke: async (batch) => {
        if (batch.records.some(({ data }) => decodeRecord(data).some((line) => JSON.parse(line).id === poison))) throw new Error('out of memory');
        return fold(batch);
      },
    }),
    kinesisHost({ consumer: 'archive', reader, checkpoints: store, options: {}, invoke: functionOf('archive', world) }),
  ];
  await settle();
  const buried = letters.flatMap(({ records }) => records.flatMap(({ data }) => decodeRecord(data).map((line) => JSON.parse(line).id)));
  expect(buried).toEqual([poison]);
  await expectTotals(
    { store },
    events.filter(({ id }) => id !== poison),
  );
  expectSame('the lake', await linesOfLog(reader), await linesOfLake(lake));
});
