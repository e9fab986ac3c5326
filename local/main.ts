// The one-machine host: the same functions as on AWS, behind an HTTP server, pollers and a scheduler of its own.
import type { AddressInfo } from 'node:net';
import pipeline from '#pipeline';
import { cellStore, clock, entityStore, eventLog, indexLag, owner, prometheus, room, settings, telemetry, tokens } from '#platform';
import { handler as heartbeat } from '../functions/heartbeat.ts';
import { bound as ingest } from '../functions/ingest.ts';
import type { ReindexRequest } from '../functions/reindex.ts';
import { writeSeal } from '../shared/adapters/files/folder-seal.ts';
import { gate } from '../shared/auth/gate.ts';
import type { LogShard } from '../shared/ports/event-log.ts';
import type { Consumer } from '../shared/ports/log-reader.ts';
import { checkpointKey } from '../shared/storage/keys.ts';
import { access, isLoopback, LOST } from './access.ts';
import { noteLog } from './check/note-log.ts';
import { checkedAtStart } from './check/start.ts';
import { closeFolder } from './close-folder.ts';
import { diskReserve } from './disk-reserve.ts';
import { housekeeping } from './housekeeping.ts';
import { CONNECTION_LIMITS, httpServer } from './http-server.ts';
import { pools } from './pools.ts';
import { prepareFolder } from './prepare-folder.ts';
import { scheduler } from './scheduler.ts';
import { stats } from './stats.ts';
import { shardThreads } from './threads.ts';
import { demandWritable } from './writable.ts';

/** A drain that takes longer is cut off; what was acknowledged is durable all the same. */
const MAX_DRAIN_MS = 20_000;
/** The entity store's change stream has one shard, which never closes. */
const CHANGES: LogShard = { id: 'changes', parents: [], open: true, floorMs: 0 };

const { host, port, dataDir, epochLengthMs, recomputeEveryMs, shards: shardCount, logLevel, queryThreads, queryTimeoutMs, keepLogBytes } = settings();
const log = telemetry();
// Before anything in the folder is touched: another process may own it.
const folder = owner();
prepareFolder(dataDir);
const context = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };
const tokenGate = gate({ tokens: tokens(), clock });
const doors = await tokenGate.doors();
if (doors === 'lost') log.warn(LOST, { dataDir });
if (!isLoopback(host) && doors !== 'tokens') {
  console.error(
    `HOST=${host} can be reached from elsewhere, and no token is listed. Hand out some first: npm run token -- create --scope write, read or admin`,
  );
  process.exit(1);
}
demandWritable(dataDir);
const reserve = diskReserve(dataDir, room(), log);
reserve.giveWay();
await checkedAtStart(dataDir, { clock, telemetry: log });
const records = eventLog();
records.reshard(shardCount);
await noteLog(cellStore(), records);
const hasEntities = Object.keys(pipeline.entities).length > 0;
/** Entities have threads of their own: what they cost holds up no metric. */
const threadGroups: readonly (readonly Consumer[])[] = [['aggregate', 'archive'], ...(hasEntities ? [['materialize'] as const] : [])];
const keep = housekeeping({
  dataDir,
  log: records,
  store: cellStore(),
  entities: hasEntities ? entityStore() : null,
  consumers: threadGroups.flat(),
  keepLogBytes,
  clock,
  telemetry: log,
});
keep.convert();
const work = pools({ queryThreads, queryTimeoutMs, telemetry: log });
const isDrained = async ({ id }: LogShard, consumers: readonly Consumer[]): Promise<boolean> => {
  for (const consumer of consumers) {
    const [checkpoint] = await cellStore().get([checkpointKey(consumer, id)]);
    const { records: left } = await records.read(id, checkpoint?.version ?? '', { records: 1, bytes: 1 });
    if (left.length > 0) return false;
  }
  return true;
};
const threads = [
  ...threadGroups.map((consumers) => shardThreads({ script: 'shard-worker', consumers, shards: records.shards, telemetry: log, isDrained })),
  ...(hasEntities
    ? [shardThreads({ script: 'change-worker', consumers: [], shards: async () => [CHANGES], telemetry: log, isDrained: async () => false })]
    : []),
];
const watch = stats({
  registry: prometheus().registry,
  store: cellStore(),
  log: records,
  indexLag: hasEntities ? indexLag : null,
  consumers: threadGroups.flat(),
  clock,
  telemetry: log,
});
const wake = () => {
  for (const group of threads) group.wake();
};

const beat = async () => {
  if (room().look().isFull) return;
  await heartbeat(undefined, context);
  wake();
};
const recompute = () => work.batch('recompute', {});
/** An index that is missing, or that an older pipeline made. */
const reindex = () => work.batch('reindex', {});
/** What somebody asked for; it says in the log how far it is. */
const startReindex = (request: ReindexRequest) =>
  void work.batch('reindex', request).catch((error: Error) => log.error('A search index was not built', { error: error.message }));
const tasks = scheduler(
  [
    { name: 'heartbeat', everyMs: Math.min(15_000, Math.max(250, epochLengthMs / 6)), run: beat },
    { name: 'recompute', everyMs: recomputeEveryMs, run: recompute },
    {
      name: 'requested',
      everyMs: Math.min(epochLengthMs, 5_000),
      run: async () => void ((await work.batch<boolean>('due', null)) && (await tasks.now('recompute'))),
    },
    ...(hasEntities ? [{ name: 'reindex', everyMs: 60_000, run: reindex }] : []),
    { name: 'trim', everyMs: 60_000, run: keep.trim },
    { name: 'disk', everyMs: 2_000, run: async () => reserve.look() },
    { name: 'tidy', everyMs: 600_000, run: keep.tidy },
  ],
  log,
);
const server = httpServer(
  {
    functions: {
      stats: watch.handler,
      ingest: async (request, context) => {
        const answer = await ingest()(request, context);
        wake();
        return answer;
      },
      query: work.answered('query'),
      search: work.answered('search'),
      generations: async (request, context) => {
        const answer = await work.answered('generations')(request, context);
        if (request.route === 'POST /reindex' && answer.status === 202) startReindex(JSON.parse(String(answer.body)));
        if (request.route === 'POST /recompute') void tasks.now('recompute');
        return answer;
      },
      exclusions: work.answered('exclusions'),
      letters: work.answered('letters'),
      quarantine: async (request, context) => {
        const answer = await work.answered('quarantine')(request, context);
        wake();
        return answer;
      },
    },
    authorize: access({ gate: tokenGate, host, figures: log }),
    answered: watch.answered,
  },
  CONNECTION_LIMITS,
);

let draining = false;
const drain = async (signal: string) => {
  // Ctrl-C in a terminal arrives twice when npm passes it on.
  if (draining) return;
  draining = true;
  log.info('Draining', { signal });
  setTimeout(() => process.exit(0), MAX_DRAIN_MS).unref();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await closed;
  await tasks.stop();
  await Promise.all(threads.map((group) => group.stop()));
  await work.stop();
  eventLog().close();
  cellStore().close();
  if (hasEntities) entityStore().close();
  closeFolder(dataDir, log);
  await writeSeal(dataDir);
  folder.release();
  log.info('Stopped', {});
  process.exit(0);
};
process.on('SIGTERM', () => void drain('SIGTERM'));
process.on('SIGINT', () => void drain('SIGINT'));

await Promise.all(threads.map((group) => group.start()));
await beat();
server.listen(port, host, () => {
  const address = server.address() as AddressInfo;
  const url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  folder.listensOn(url);
  tasks.start();
  if (hasEntities) void tasks.now('reindex');
  if (logLevel === 'warn' || logLevel === 'error') console.log(`Twinstream listens on ${url}`);
  log.info(`Twinstream listens on ${url}`, {
    url,
    dataDir,
    shards: shardCount,
    epochMs: epochLengthMs,
    events: Object.keys(pipeline.events),
    metrics: Object.keys(pipeline.metrics),
    entities: Object.keys(pipeline.entities),
  });
});
server.on('error', (error) => {
  log.error(`Could not listen: ${error.message}`, { host, port });
  process.exit(1);
});
