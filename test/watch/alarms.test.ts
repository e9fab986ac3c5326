import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { indexEntities } from '../../functions/index-entities.ts';
import { type PolledRecord, type PollerPorts, poll, type StreamSource } from '../../local/poller.ts';
import { changeSource, kinesisSource } from '../../local/stream-sources.ts';
import { kinesisEvent } from '../../shared/adapters/kinesis-event.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools.ts';
import type { Consumer } from '../../shared/domain/keys.ts';
import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import { type Packaged, packageStage } from '../support/sls.ts';
import { EPOCH_MS, type Parts, type System, system } from '../support/system.ts';
import { hits, quiet } from '../support/world.ts';
import { type Alarm, type Datum, isOn, printedBy, readEmbedded } from './cloudwatch.ts';

// Every alarm of the compiled template is made to go off. What the code itself measures comes from the lines that the real
// handlers printed; what AWS measures of them (calls, errors, ages) is noted here under AWS' own names, as their pages have
// them, from what really happened. Throttles and Firehose's freshness happen within AWS alone, and are only noted.

const DOCUMENTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS/Lambda': { Invocations: 'FunctionName', Errors: 'FunctionName', Throttles: 'FunctionName', IteratorAge: 'FunctionName' },
  'AWS/ApiGateway': { Count: 'ApiId', '5xx': 'ApiId' },
  'AWS/Kinesis': { WriteProvisionedThroughputExceeded: 'StreamName' },
  'AWS/SQS': { ApproximateNumberOfMessagesVisible: 'QueueName' },
  'AWS/Firehose': { 'DeliveryToS3.DataFreshness': 'DeliveryStreamName' },
};
const CONSUMERS: readonly Consumer[] = ['aggregate', 'archive', 'materialize'];

let packaged: Packaged;
beforeAll(async () => {
  packaged = await packageStage('prod', { search: 'domain' });
});
afterAll(() => packaged.remove());

/** References as text, so that two to the same thing are equal. */
const resolved = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return String(value.Ref);
  if ('Fn::GetAtt' in value) return (value['Fn::GetAtt'] as string[]).join('.');
  return Array.isArray(value) ? value.map(resolved) : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner)]));
};
const alarmOf = (id: string): Alarm => resolved(packaged.resources[id]?.Properties) as Alarm;
const onlyId = (type: string): string => {
  const [[id], ...more] = packaged.ofType(type) as [[string, unknown], ...unknown[]];
  expect(more).toEqual([]);
  return id;
};
const functionOf = (name: string) => {
  const found = packaged.ofType('AWS::Lambda::Function').find(([, { Properties }]) => Properties.Handler === `functions/${name}.handler`);
  if (found === undefined) throw new Error(`Expected a function ${name} in the template`);
  return { id: found[0], name: found[1].Properties.FunctionName as string, service: found[1].Properties.Environment.Variables.SERVICE as string };
};
/** Where a consumer's records go that were given up, as its mapping says. */
const mappingOf = (consumer: string) => {
  const found = packaged
    .ofType('AWS::Lambda::EventSourceMapping')
    .find(([, { Properties }]) => JSON.stringify(Properties.FunctionName).includes(functionOf(consumer).id));
  return found?.[1].Properties as { MaximumRecordAgeInSeconds: number; DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [string, string] } } } };
};

/** A stage: the real functions, their telemetry as on AWS, and what CloudWatch knows of both. */
const stage = async () => {
  const world: System = await system({ pipeline: hits, shards: 2, startMs: Date.parse('2026-11-21T10:00:30Z') });
  const telemetry = powertoolsTelemetry({ service: functionOf('aggregate').service, level: 'error' });
  telemetry.begin({ functionName: 'any', awsRequestId: '1' } as Context);
  const deploy = (changed: Partial<Parts>) => world.deploy(hits, { telemetry, ...changed });
  deploy({});
  const data: Datum[] = [];
  const note = (namespace: string, metric: string, name: string, value: number): void => {
    const dimension = DOCUMENTED[namespace]?.[metric];
    if (dimension === undefined) throw new Error(`Expected a metric that AWS documents, got ${namespace} ${metric}`);
    data.push({ namespace, metric, dimensions: { [dimension]: name }, value, atMs: world.clock() });
  };
  /** An invocation, as Lambda counts it. */
  const invoke = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const { error, lines } = await printedBy(async () => {
      try {
        return await work();
      } finally {
        telemetry.end();
      }
    });
    data.push(...lines.flatMap((line) => readEmbedded(line, world.clock())));
    note('AWS/Lambda', 'Invocations', functionOf(name).name, 1);
    note('AWS/Lambda', 'Errors', functionOf(name).name, error === null ? 0 : 1);
  };
  const post = async (body: string): Promise<void> => {
    await invoke('ingest', async () => {
      const { status } = await world.post('/events/hit', body, { 'content-type': 'application/x-ndjson' });
      note('AWS/ApiGateway', 'Count', onlyId('AWS::ApiGatewayV2::Api'), 1);
      note('AWS/ApiGateway', '5xx', onlyId('AWS::ApiGatewayV2::Api'), status >= 500 ? 1 : 0);
    });
  };
  const consume = async (...consumers: readonly Consumer[]): Promise<void> => {
    for (const consumer of consumers)
      for (const { id } of await world.log.shards()) {
        const records = await world.waiting(consumer, id);
        const last = records.at(-1);
        if (last === undefined) continue;
        note('AWS/Lambda', 'IteratorAge', functionOf(consumer).name, world.clock() - last.arrivedAtMs);
        await invoke(consumer, () => world.functions()[consumer](kinesisEvent(id, records)));
      }
  };
  const heartbeat = () => invoke('heartbeat', () => world.heartbeat());
  const recompute = () => invoke('recompute', () => world.recompute());
  return { world, data, deploy, note, invoke, post, consume, heartbeat, recompute };
};
type Stage = Awaited<ReturnType<typeof stage>>;

const event = (page: string) => JSON.stringify({ at: '2026-11-21T09:00:00Z', page, n: 1 });
/** Some minutes in which all is well. */
const goesWell = async ({ world, post, consume, heartbeat, recompute }: Stage): Promise<void> => {
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
    for (let attempt = 0; attempt < 2; attempt++) await consume(consumer);
  };
const isThrottled =
  (name: string) =>
  async ({ note }: Stage) =>
    note('AWS/Lambda', 'Throttles', functionOf(name).name, 1);
/** Its calls begin only after so long. */
const waits =
  (consumer: Consumer, seconds: number) =>
  async ({ post, world, consume }: Stage) => {
    await post(event('late'));
    world.advance(seconds * 1_000);
    await consume(consumer);
  };
/** The mapping's own age limit, with a consumer that fails all the while. */
const abandon = async <R extends PolledRecord, E>(
  name: string,
  { world, note }: Stage,
  source: StreamSource<R, E>,
  shard: string,
  read: PollerPorts<R, E>['read'],
  invoke: PollerPorts<R, E>['invoke'],
): Promise<void> => {
  const { MaximumRecordAgeInSeconds, DestinationConfig } = mappingOf(name);
  const options = { batchSize: 100, batchWindowMs: 0, maxBatchWindowMs: 0, maxRetries: -1, maxRecordAgeMs: MaximumRecordAgeInSeconds * 1_000, bisect: true };
  let letters = 0;
  await poll(shard, options, {
    source,
    read,
    invoke,
    readCheckpoint: async () => '',
    writeCheckpoint: async () => {},
    bury: async () => {
      letters++;
    },
    clock: world.clock,
    idle: async () => {},
    backOff: async () => world.advance(86_400_000),
    stopping: () => letters > 0,
  });
  note('AWS/SQS', 'ApproximateNumberOfMessagesVisible', `${DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0]}.QueueName`, letters);
};
const givesUp =
  (consumer: Consumer) =>
  async (stage: Stage): Promise<void> => {
    const { post, world } = stage;
    await post(event('lost'));
    const counted = await Promise.all((await world.log.shards()).map(async ({ id }) => ({ id, n: (await world.waiting(consumer, id)).length })));
    const { id } = counted.find(({ n }) => n > 0) as { id: string };
    await abandon(consumer, stage, kinesisSource, id, world.log.read, async () => {
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
const CAUSES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
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
    stage.note('AWS/Lambda', 'IteratorAge', functionOf('index-entities').name, ageMs);
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
    await abandon('index-entities', stage, changeSource, 'changes', async () => ({ records, closed: false }), failing);
  },
  ReindexDeadLettersAlarm: async ({ note }) => {
    const [, config] = packaged.ofType('AWS::Lambda::EventInvokeConfig').find(([id]) => id.startsWith('Reindex')) ?? [];
    note('AWS/SQS', 'ApproximateNumberOfMessagesVisible', `${config?.Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0]}.QueueName`, 1);
  },
  AggregateFailuresAlarm: failsOften('aggregate'),
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
  ApiErrorsAlarm: async ({ deploy, post }) => {
    const { shards, appendToShards } = down<Parts['log']>(new Error('unused'));
    deploy({ log: { shards, appendToShards, append: () => Promise.reject(new LogUnavailableError('The stream is gone')) } });
    for (let call = 0; call < 6; call++) await post(event('unheard'));
  },
  IngestThrottlesAlarm: isThrottled('ingest'),
  QueryThrottlesAlarm: isThrottled('query'),
  AggregateThrottlesAlarm: isThrottled('aggregate'),
  ArchiveThrottlesAlarm: isThrottled('archive'),
  MaterializeThrottlesAlarm: isThrottled('materialize'),
  LogThrottlesAlarm: async ({ note }) => note('AWS/Kinesis', 'WriteProvisionedThroughputExceeded', onlyId('AWS::Kinesis::Stream'), 1),
  AggregateBehindAlarm: waits('aggregate', 61),
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
  RecomputeDeadLettersAlarm: async ({ deploy, recompute, data, note }) => {
    deploy(noStore);
    for (let attempt = 0; attempt < 3; attempt++) await recompute();
    const failed = data.filter(({ metric, value }) => metric === 'Errors' && value === 1).length;
    const [, config] = packaged.ofType('AWS::Lambda::EventInvokeConfig').find(([id]) => id.startsWith('Recompute')) ?? [];
    note(
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      `${config?.Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0]}.QueueName`,
      failed >= 3 ? 1 : 0,
    );
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
  QuarantineBehindAlarm: async ({ note }) => note('AWS/Firehose', 'DeliveryToS3.DataFreshness', onlyId('AWS::KinesisFirehose::DeliveryStream'), 901),
};

test('given every alarm in the template, then there is a cause below that makes it go off', () => {
  expect(
    packaged
      .ofType('AWS::CloudWatch::Alarm')
      .map(([id]) => id)
      .sort(),
  ).toEqual(Object.keys(CAUSES).sort());
});

test('given every function, then its figures stand in the dimension that the alarms look at', () => {
  const services = packaged.ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Environment.Variables.SERVICE);
  expect([...new Set(services)]).toEqual(['twinstream-prod']);
});

/** Once in each period that the alarm looks at. */
const during = async (stage: Stage, { Period, EvaluationPeriods }: Alarm, happens: (stage: Stage) => Promise<void>): Promise<number> => {
  const { world, data } = stage;
  const startMs = world.clock();
  for (let period = 0; period < EvaluationPeriods; period++) {
    const from = data.length;
    stage.deploy({});
    await happens(stage);
    // However long it took, it happened in this period.
    for (let i = from; i < data.length; i++) data[i] = { ...(data[i] as Datum), atMs: startMs + period * Period * 1_000 };
  }
  return startMs + EvaluationPeriods * Period * 1_000;
};

test('given minutes in which all goes well, then no alarm goes off', async () => {
  const well = await stage();
  await well.heartbeat();
  for (let minute = 0; minute < 6; minute++) await goesWell(well);
  const nowMs = well.world.clock() + 1;
  await well.world.close();
  expect(Object.keys(CAUSES).filter((id) => isOn(alarmOf(id), well.data, nowMs))).toEqual([]);
  // What was looked at is there.
  for (const { Namespace, MetricName } of Object.keys(CAUSES)
    .map(alarmOf)
    .filter((alarm) => alarm.Namespace === 'Twinstream'))
    if (!/failures/.test(MetricName))
      expect([Namespace, MetricName, well.data.some(({ metric }) => metric === MetricName)]).toEqual([Namespace, MetricName, true]);
});

test.each(Object.keys(CAUSES))('%s goes off when it should', async (id) => {
  const staged = await stage();
  try {
    const nowMs = await during(staged, alarmOf(id), CAUSES[id] as (of: Stage) => Promise<void>);
    expect([id, isOn(alarmOf(id), staged.data, nowMs)]).toEqual([id, true]);
    // Nor does it stay on.
    expect(alarmOf(id).TreatMissingData === 'breaching' || !isOn(alarmOf(id), staged.data, nowMs + 86_400_000)).toBe(true);
  } finally {
    await staged.world.close();
  }
});
