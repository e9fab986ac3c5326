import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { KinesisStreamEvent } from 'aws-lambda';
import { duckdbOver, type openDuckdb } from '../../shared/adapters/duckdb.ts';
import { quarantineFolder } from '../../shared/adapters/quarantine-folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite-cells.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite-entities.ts';
import type { Consumer } from '../../shared/domain/keys.ts';
import type { HttpEvent, HttpResult } from '../../shared/http/http.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { kinesisEvent } from '../support/kinesis-event.ts';
import { type MemoryShard, memoryLog } from '../support/memory-log.ts';
import { type Random, random } from '../support/random.ts';
import { scratch, scratchFolder } from '../support/scratch-folder.ts';
import { quiet } from '../support/world.ts';
import { containers } from './containers.ts';
import { variants } from './pipelines.ts';
import { EPOCH_MS, LANES, type Plan, type Request, RUN_MS, START, type Step } from './plan.ts';
import type { Fault } from './ports.ts';
import { newProcess, type Process, scheduler } from './scheduler.ts';

export type Connection = Awaited<ReturnType<Awaited<ReturnType<typeof openDuckdb>>['connect']>>;
/** What a history met, over all histories. */
export interface Tally {
  readonly faults: Map<Fault, Map<string, number>>;
  readonly counts: Map<string, number>;
}

const CONSUMERS: readonly Consumer[] = ['aggregate', 'archive', 'materialize'];

/** One history's world: the functions over the stores, everybody who calls them, and the only clock. */
export const machine = (plan: Plan, connection: Connection, tally: Tally) => {
  const root = mkdtempSync(join(scratch(), 'twinstream-history-'));
  const lakeRoot = join(root, 'lake');
  mkdirSync(lakeRoot);
  const scheduling = scheduler();
  let r: Random = random(plan.seed);
  let rate = plan.faultRate;
  let nowMs = START;
  let logSkewMs = 0;
  const now = () => nowMs;
  const note = (name: string, n: number) => tally.counts.set(name, (tally.counts.get(name) ?? 0) + n);

  const log = memoryLog({
    shards: plan.shards,
    lanes: LANES,
    // The machines that take records do not agree on the time.
    arrival: () => nowMs + logSkewMs + r.integer(-40_000, 40_000),
    gap: () => r.integer(1, 40),
  });
  const store = sqliteCells({ path: ':memory:', clock: now });
  const lake = scratchFolder({ root: lakeRoot });
  const entities = sqliteEntities({ path: ':memory:', clock: now });
  const ports = {
    store,
    entities,
    log,
    lake,
    engine: duckdbOver({ root: lakeRoot, connect: (work) => work(connection) }),
    quarantine: quarantineFolder({ store: lake, clock: now }),
  };
  const errors: string[] = [];
  const telemetry: Telemetry = {
    ...quiet,
    error: (message, fields) => void errors.push(`${message}: ${String(fields.error ?? JSON.stringify(fields))}`),
  };
  const chances = {
    scheduler: scheduling,
    random: () => r,
    rate: () => rate,
    count: (fault: Fault, port: string) => {
      const ofKind = tally.faults.get(fault) ?? new Map<string, number>();
      tally.faults.set(fault, ofKind.set(port, (ofKind.get(port) ?? 0) + 1));
    },
  };
  const running = containers({ ports, chances, telemetry, now, keep: plan.keep });
  const deployed = variants(random(plan.seed), plan.variants);
  let variant = deployed[0] as (typeof deployed)[number];

  /** What went wrong where no check would look: an answer that no contract allows, a function that throws. */
  const complaints: string[] = [];
  const tasks = new Set<Promise<void>>();
  const begin = (name: string, work: () => Promise<void>): void => {
    const task: Promise<void> = work()
      .catch((error) => void complaints.push(`${name} threw: ${(error as Error).stack ?? error}`))
      .finally(() => tasks.delete(task));
    tasks.add(task);
  };
  const rest = async (): Promise<void> => {
    await scheduling.rest();
    for (let i = 0; await scheduling.move(r); i++) if (i > 50_000) throw new Error('The history does not come to rest');
    if (tasks.size > 0) throw new Error(`Expected everybody to have ended, but ${tasks.size} wait for nothing`);
  };

  const acknowledged: Request[] = [];
  const httpEvent = (routeKey: string, parts: Partial<HttpEvent>): HttpEvent =>
    ({ routeKey, headers: {}, rawQueryString: '', isBase64Encoded: false, pathParameters: {}, ...parts }) as HttpEvent;

  /** A client that sends a request until it is acknowledged. */
  const post = async (request: Request): Promise<void> => {
    const client: Process = newProcess('client', 0);
    const type = request.path.split('/')[2];
    const event = httpEvent(type === undefined ? 'POST /events' : 'POST /events/{type}', {
      headers: { ...request.headers },
      body: request.body,
      pathParameters: type === undefined ? {} : { type },
    });
    for (;;) {
      const answer = await running.run('ingest', variant.pipeline, true, (handler) => handler(event));
      const status = answer?.result.statusCode ?? null;
      if (status === request.status) {
        const body = JSON.parse(answer?.result.body ?? '{}') as { accepted?: number; rejected?: number };
        const counts = [body.accepted ?? 0, body.rejected ?? 0];
        const expected = status === 202 || status === 422 ? [request.good.length, request.bad.length] : [0, 0];
        if (JSON.stringify(counts) !== JSON.stringify(expected)) complaints.push(`Expected an answer of ${expected}, got ${answer?.result.body}`);
        acknowledged.push(request);
        note('events acknowledged', request.good.length);
        note('events rejected', request.bad.length);
        return;
      }
      // A client that is told nothing, or to come again, comes again.
      if (status !== null && !(status === 503 && answer?.process.hurt))
        complaints.push(`Expected ${request.status} or 503, got ${status} ${answer?.result.body}`);
      note('requests sent again', 1);
      for (let waits = r.integer(0, 3); waits > 0; waits--) await scheduling.turn(client);
    }
  };

  /** Records of a shard that a consumer is known to be done with, as its event source mapping knows it. */
  const done = new Map<string, number>();
  const doneOf = (consumer: Consumer, shard: MemoryShard): number => done.get(`${consumer} ${shard.id}`) ?? 0;
  const parentsOf = (shard: MemoryShard): MemoryShard[] => log.all.filter(({ id }) => shard.parents.includes(id));
  const isDrained = (consumer: Consumer, shard: MemoryShard): boolean =>
    !shard.open && doneOf(consumer, shard) === shard.records.length && parentsOf(shard).every((parent) => isDrained(consumer, parent));
  const isTaken = (shard: MemoryShard): boolean => shard.records.length > 0 && CONSUMERS.every((consumer) => isDrained(consumer, shard));
  const isReady = (consumer: Consumer, shard: MemoryShard): boolean => parentsOf(shard).every((parent) => isDrained(consumer, parent));

  const invoke = async (consumer: Consumer, shard: MemoryShard, from: number, to: number, mayBeOld: boolean): Promise<void> => {
    const event: KinesisStreamEvent = kinesisEvent(shard.id, shard.records.slice(from, to));
    note(`${consumer} batches`, 1);
    const answer = await running.run(consumer, variant.pipeline, mayBeOld, (handler) => handler(event));
    if (answer === null) return;
    const failed = answer.result.batchItemFailures[0]?.itemIdentifier;
    const upTo = failed === undefined ? to : from + event.Records.findIndex(({ kinesis }) => kinesis.sequenceNumber === failed);
    done.set(`${consumer} ${shard.id}`, Math.max(doneOf(consumer, shard), upTo));
  };
  const drain = async (consumer: Consumer): Promise<void> => {
    for (let round = 0; log.all.some((shard) => doneOf(consumer, shard) < shard.records.length); round++) {
      if (round > 1_000) throw new Error(`${consumer} does not come to the end of the log: ${errors.at(-1)}`);
      for (const shard of log.all) {
        const from = doneOf(consumer, shard);
        if (from === shard.records.length || !isReady(consumer, shard)) continue;
        begin(consumer, () => invoke(consumer, shard, from, Math.min(shard.records.length, from + r.integer(1, 30)), false));
        await rest();
      }
    }
  };

  /** The deadlines of the runs of the batch layer: the platform ends one that comes to it. */
  const deadlines = new Map<Process, number>();
  const recompute = async (ms: number): Promise<void> => {
    await running.run('recompute', variant.pipeline, false, (handler, process) => {
      deadlines.set(process, nowMs + RUN_MS);
      let left = ms;
      // Time that passes with every look at it.
      return handler({}, { getRemainingTimeInMillis: () => (ms === RUN_MS ? ms : (left -= 2_000)) }).finally(() => deadlines.delete(process));
    });
    note('runs of the batch layer', 1);
  };
  const tick = (ms: number): void => {
    nowMs += ms;
    for (const [process, atMs] of deadlines)
      if (nowMs >= atMs) {
        deadlines.delete(process);
        process.kill();
      }
  };
  const call = async (name: 'generations' | 'query', event: HttpEvent): Promise<{ result: HttpResult; process: Process } | null> =>
    running.run(name, variant.pipeline, false, (handler) => handler(event));
  const get = async (path: string, parameters: string): Promise<{ result: HttpResult; process: Process } | null> =>
    call('query', httpEvent('GET /metrics/{name}', { pathParameters: { name: path }, rawQueryString: parameters }));

  const activate = async (place: number): Promise<void> => {
    const list = await call('generations', httpEvent('GET /generations', {}));
    const known = JSON.parse(list?.result.body ?? '{}') as { generations?: { id: string; state: string }[] };
    // The oldest first.
    const ready = (known.generations ?? []).filter(({ state }) => state === 'published').reverse();
    const id = ready[place % Math.max(1, ready.length)]?.id;
    if (id === undefined) return;
    const answer = await call('generations', httpEvent('POST /generations/{id}/activate', { pathParameters: { id } }));
    if (answer?.result.statusCode === 200) note('generations activated', 1);
  };

  const openShards = () => log.all.filter(({ open }) => open);
  const perform = async (step: Exclude<Step, { do: 'settle' | 'ask' }>): Promise<void> => {
    switch (step.do) {
      case 'post':
        return begin('post', () => post(step.request));
      case 'poll': {
        const ready = log.all.filter((shard) => !shard.isTrimmed && isReady(step.consumer, shard));
        const shard = ready[step.shard % ready.length] as MemoryShard;
        const from = Math.max(0, doneOf(step.consumer, shard) - step.back);
        const to = Math.min(shard.records.length, from + step.size);
        if (from < to) begin(step.consumer, () => invoke(step.consumer, shard, from, to, true));
        return;
      }
      case 'heartbeat':
        return begin('heartbeat', async () => {
          await running.run('heartbeat', variant.pipeline, false, (handler) => handler().catch(() => null));
        });
      case 'split': {
        const wide = openShards().filter(({ lanes }) => lanes.length > 1);
        if (wide.length > 0) log.split(wide[step.shard % wide.length] as MemoryShard);
        return;
      }
      case 'merge': {
        const [a, b] = openShards();
        if (a !== undefined && b !== undefined) log.merge(a, b);
        return;
      }
      case 'trim':
        // No batch lives as long as records do.
        await rest();
        for (const shard of log.all) if (isTaken(shard)) shard.isTrimmed = true;
        return;
      case 'garbage': {
        const shards = openShards();
        const bytes = { noise: Buffer.from('not gzip'), 'cut off': gzipSync('{"id":"x"}\n{"id"'), 'no json': gzipSync('{"id":\n') }[step.bytes];
        log.write(shards[step.shard % shards.length] as MemoryShard, '0', bytes);
        return;
      }
      case 'tick':
        // A query ends long before cells that it may still read expire.
        if (step.ms >= 10 * RUN_MS) await rest();
        return tick(step.ms);
      case 'step':
        logSkewMs = step.ms;
        return;
      case 'recompute':
        return begin('recompute', () => recompute(step.ms).catch(() => {}));
      case 'advance':
        tick(EPOCH_MS);
        begin('heartbeat', async () => void (await running.run('heartbeat', variant.pipeline, false, (handler) => handler().catch(() => null))));
        await rest();
        for (const shard of log.all)
          if (isReady('archive', shard) && doneOf('archive', shard) < shard.records.length)
            begin('archive', () => invoke('archive', shard, doneOf('archive', shard), shard.records.length, true));
        await rest();
        begin('recompute', () => recompute(RUN_MS).catch(() => {}));
        if (step.activate !== null) {
          for (let moves = r.integer(0, 120); moves > 0 && (await scheduling.move(r)); moves--);
          begin('activate', () => activate(step.activate ?? 0));
        }
        return;
      case 'request':
        return begin('request', async () => void (await call('generations', httpEvent('POST /recompute', { body: '' }))));
      case 'activate':
        return begin('activate', () => activate(step.generation));
      case 'deploy':
        variant = deployed[step.variant % deployed.length] as (typeof deployed)[number];
        note('deploys', 1);
        return;
    }
  };

  return {
    root,
    plan,
    log,
    store,
    entities,
    lake,
    errors,
    complaints,
    acknowledged,
    now,
    note,
    begin,
    rest,
    drain,
    doneOf,
    get,
    tick,
    variant: () => variant,
    random: () => r,
    setFaultRate: (to: number): void => {
      rate = to;
    },
    recompute: async (): Promise<void> => {
      begin('recompute', () => recompute(RUN_MS));
      await rest();
    },
    heartbeat: async (): Promise<void> => {
      begin('heartbeat', async () => {
        await running.run('heartbeat', variant.pipeline, false, (handler) => handler());
      });
      await rest();
    },
    perform,
    beginStep: (step: Step): void => {
      r = random(step.seed);
    },
    proceed: async (moves: number | null): Promise<void> => {
      if (moves === null) return rest();
      await scheduling.rest();
      for (let i = 0; i < moves && (await scheduling.move(r)); i++);
    },
    close: (): void => {
      note('calls of ports', Math.round(scheduling.moves() / 2));
      store.close();
      entities.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
};
export type Machine = ReturnType<typeof machine>;
