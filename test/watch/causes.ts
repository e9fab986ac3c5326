import { createHash } from 'node:crypto';
import { aggregate } from '../../functions/aggregate.ts';
import { authorize } from '../../functions/authorize.ts';
import { indexEntities } from '../../functions/index-entities.ts';
import { type PolledRecord, type PollerPorts, poll } from '../../local/poller.ts';
import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import type { SearchIndex } from '../../shared/ports/search-index.ts';
import type { TokenStore } from '../../shared/ports/token-store.ts';
import { CELL_PART_BYTES } from '../../shared/speed/cell-parts.ts';
import { EPOCH_MS, type Parts } from '../support/system-platform.ts';
import { hits, quiet } from '../support/world.ts';
import { AWS_CAUSES, type Cause } from './aws-causes.ts';
import { event, type Stage } from './stage.ts';

const CONSUMERS: readonly Consumer[] = ['aggregate', 'archive', 'materialize'];

/** Some minutes in which all is well. */
export const goesWell = async ({ world, post, consume, heartbeat, recompute }: Stage): Promise<void> => {
  await post(`${event('a')}\n${event('b')}\nno event`);
  world.advance(EPOCH_MS);
  await heartbeat();
  await consume(...CONSUMERS);
  await recompute();
  await heartbeat();
};
const down = <P extends object>(error: Error): P =>
  new Proxy({} as P, {
    get: () => async () => {
      throw error;
    },
  });
const noStore = { store: down<Parts['store']>(new Error('The table is gone')) };

const crashes =
  (name: Consumer) =>
  async ({ invoke, world }: Stage) =>
    invoke(name, () => world.functions()[name]({} as never));
const failsOften =
  (consumer: Consumer) =>
  async ({ deploy, post, consume }: Stage) => {
    await post(Array.from({ length: 40 }, (_, i) => event(`p${i}`)).join('\n'));
    deploy(noStore);
    for (let attempt = 0; attempt < 4; attempt++) await consume(consumer);
  };
/** Its calls begin only after so long. */
const waits =
  (consumer: Consumer, seconds: number) =>
  async ({ post, world, consume }: Stage) => {
    await post(event('late'));
    world.advance(seconds * 1_000);
    await consume(consumer);
  };
/** The mapping's own age limit, with a consumer that fails all the while. */
const abandon = async <R extends PolledRecord>(
  name: string,
  { world, note, template }: Stage,
  shard: string,
  read: PollerPorts<R>['read'],
  invoke: PollerPorts<R>['invoke'],
): Promise<void> => {
  const mapping = template.mappingOf(name);
  const options = {
    batchSize: 100,
    batchWindowMs: 0,
    firstWindowMs: 0,
    maxBatchWindowMs: 0,
    maxRetries: -1,
    maxRecordAgeMs: mapping.MaximumRecordAgeInSeconds * 1_000,
    bisect: true,
  };
  let letters = 0;
  await poll(shard, options, {
    bytesOf: () => 1,
    read,
    invoke,
    readCheckpoint: async () => '',
    writeCheckpoint: async () => {},
    deadLetter: async () => {
      letters++;
    },
    clock: world.clock,
    idle: async () => {},
    backOff: async () => world.advance(86_400_000),
    stopping: () => letters > 0,
  });
  if (mapping.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0] === 'Lake')
    note('AWS/Lambda', 'OnFailureDestinationDeliveredEventCount', template.mappingIdOf(name), letters);
  else note('AWS/SQS', 'ApproximateNumberOfMessagesVisible', template.queueOf(mapping), letters);
};
const givesUp =
  (consumer: Consumer) =>
  async (stage: Stage): Promise<void> => {
    const { post, world } = stage;
    await post(event('lost'));
    const counted = await Promise.all((await world.log.shards()).map(async ({ id }) => ({ id, n: (await world.waiting(consumer, id)).length })));
    const { id } = counted.find(({ n }) => n > 0) as { id: string };
    await abandon(consumer, stage, id, world.log.read, async () => {
      throw new Error('It never succeeds');
    });
  };

/** A change of an entity, and its age a while later. */
const changed = async ({ post, consume, world }: Stage, seconds: number) => {
  await post(event('late'));
  await consume('materialize');
  const { records } = await world.entities.read('', '', { records: 1, bytes: 1 });
  world.advance(seconds * 1_000);
  return { records, ageMs: world.clock() - (records[0]?.arrivedAtMs ?? 0) };
};

/** What makes each alarm go off, once a period. */
export const CAUSES: Readonly<Record<string, Cause>> = {
  ...AWS_CAUSES,
  AggregateErrorsAlarm: crashes('aggregate'),
  ArchiveErrorsAlarm: crashes('archive'),
  MaterializeErrorsAlarm: crashes('materialize'),
  RecomputeErrorsAlarm: async ({ deploy, recompute }) => {
    deploy(noStore);
    await recompute();
  },
  HeartbeatErrorsAlarm: async ({ deploy, heartbeat }) => {
    deploy({ log: down(new LogUnavailableError('The stream is gone')) });
    await heartbeat();
  },
  IndexEntitiesErrorsAlarm: ({ invoke, world }) =>
    invoke('index-entities', () =>
      indexEntities({ ...world.parts, pipeline: hits, index: down(new Error('unused')), clock: world.clock, telemetry: quiet })({} as never),
    ),
  IndexEntitiesBehindAlarm: async (stage) => {
    const { ageMs } = await changed(stage, 61);
    stage.note('AWS/Lambda', 'IteratorAge', stage.template.functionOf('index-entities').name, ageMs);
  },
  IndexEntitiesDeadLettersAlarm: async (stage) => {
    const { records } = await changed(stage, 0);
    const failing = indexEntities({
      ...stage.world.parts,
      pipeline: hits,
      index: down(new Error('The index is gone')),
      clock: stage.world.clock,
      telemetry: quiet,
    });
    await abandon('index-entities', stage, 'changes', async () => ({ records, closed: false }), failing);
  },
  AggregateFailuresAlarm: failsOften('aggregate'),
  CacheEvictionsAlarm: async ({ world, post, heartbeat, invoke, telemetry }) => {
    const cramped = aggregate({ ...world.ports(), telemetry, cellPartBytes: CELL_PART_BYTES, cellsKeptMs: null, cacheBytes: 1, fastPath: true });
    for (let call = 0; call < 4; call++) await post(event('any'));
    await heartbeat();
    for (const { id } of await world.log.shards()) await invoke('aggregate', async () => cramped({ shard: id, records: await world.waiting('aggregate', id) }));
  },
  ArchiveFailuresAlarm: failsOften('archive'),
  MaterializeFailuresAlarm: failsOften('materialize'),
  RecomputeFailuresAlarm: async ({ post, world, heartbeat, consume, deploy, recompute }) => {
    await post(event('new'));
    world.advance(EPOCH_MS);
    await heartbeat();
    await consume(...CONSUMERS);
    const isManifest = (key: string) => key.startsWith('generations/');
    const put: Parts['lake']['put'] = (key, body) => (isManifest(key) ? Promise.reject(new Error('The bucket is full')) : world.lake.put(key, body));
    deploy({ lake: { ...world.lake, put } });
    await recompute();
  },
  RetireFailuresAlarm: async (stage) => {
    const { store } = stage.world;
    const expire: Parts['store']['expire'] = (range, ...how) =>
      range.partition.startsWith('cells#') ? Promise.reject(new Error('The table is throttled')) : store.expire(range, ...how);
    stage.deploy({ store: { ...store, expire } });
    await goesWell(stage);
  },
  ApiErrorsAlarm: async ({ deploy, post }) => {
    const { shards, appendToShards, status } = down<Parts['log']>(new Error('unused'));
    deploy({ log: { coding: 'gzip', shards, appendToShards, status, append: () => Promise.reject(new LogUnavailableError('The stream is gone')) } });
    for (let call = 0; call < 6; call++) await post(event('unheard'));
  },
  AuthorizeErrorsAlarm: async ({ invoke, world: { clock }, telemetry }) => {
    const call = authorize({ tokens: down<TokenStore>(new Error('The parameters are gone')), clock, telemetry });
    await invoke('authorize', () => call({ routeKey: 'GET /metrics', headers: { authorization: 'Bearer abc' } }));
  },
  IndexEntitiesFailuresAlarm: async (stage) => {
    const { invoke, world, telemetry } = stage;
    const { records } = await changed(stage, 0);
    const write: SearchIndex['write'] = async (_, documents) => documents.map(() => ({ state: 'failed', reason: 'The index is full' }));
    const index = { ...down<SearchIndex>(new Error('unused')), write };
    const failing = indexEntities({ ...world.parts, pipeline: hits, index, clock: world.clock, telemetry });
    for (let attempt = 0; attempt < 4; attempt++) await invoke('index-entities', () => failing(records));
  },
  AggregateBehindAlarm: waits('aggregate', 121),
  ArchiveBehindAlarm: waits('archive', 901),
  MaterializeBehindAlarm: waits('materialize', 901),
  HorizonBehindAlarm: async ({ world, heartbeat, consume }) => {
    await heartbeat();
    await consume('archive');
    world.advance(4 * 3_600_000);
    await heartbeat();
  },
  GenerationBehindAlarm: async (stage) => {
    await goesWell(stage);
    stage.world.advance(5 * 3_600_000);
    await stage.heartbeat();
    await stage.consume('archive');
    await stage.heartbeat();
  },
  HeartbeatMissingAlarm: async ({ world }) => world.advance(1_800_000),
  AggregateDeadLettersAlarm: givesUp('aggregate'),
  ArchiveDeadLettersAlarm: givesUp('archive'),
  MaterializeDeadLettersAlarm: givesUp('materialize'),
  RecomputeDeadLettersAlarm: async ({ deploy, recompute, data, note, template }) => {
    deploy(noStore);
    for (let attempt = 0; attempt < 3; attempt++) await recompute();
    const failed = data.filter(({ metric, value }) => metric === 'Errors' && value === 1).length;
    note('AWS/SQS', 'ApproximateNumberOfMessagesVisible', template.lettersOf('Recompute'), failed >= 3 ? 1 : 0);
  },
  DriftAlarm: async (stage) => {
    const { world, post, heartbeat, consume, recompute } = stage;
    await post(event('once'));
    await consume('aggregate');
    // A cell that loses its groups, as no code here does it.
    for (const { sort: metric } of await world.store.query({ partition: 'definitions', from: '', to: '~' }))
      for (const { sort } of await world.store.query({ partition: `slices#${metric}`, from: '', to: '~' })) {
        const partition = `cells#${metric}#${sort}`;
        for (const cell of await world.store.query({ partition, from: '', to: '~' }))
          await world.store.put([{ cell: { ...cell, body: Buffer.from('{"groups":[]}') }, expected: cell.version, expiresAtMs: null }]);
      }
    world.advance(EPOCH_MS);
    await heartbeat();
    await consume(...CONSUMERS);
    await recompute();
  },
  RejectedRecordsAlarm: async ({ world, consume }) => {
    await world.log.append([{ lane: 0, data: Buffer.from('not gzip') }]);
    await consume('aggregate');
  },
  OverflowAlarm: async ({ post, consume }) => {
    const name = (i: number) => ['a', 'b'].map((half) => createHash('sha512').update(`${i}${half}`).digest('base64')).join('');
    await post(Array.from({ length: 12_000 }, (_, i) => event(name(i))).join('\n'));
    await consume('aggregate');
  },
};
