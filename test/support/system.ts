import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReindexRequest } from '../../functions/reindex.ts';
import { hostFunctions } from '../../local/host-functions.ts';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import { liveHere } from '../../local/live.ts';
import { stats } from '../../local/stats.ts';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { deadLettersFolder } from '../../shared/adapters/files/dead-letters-folder.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { quarantineFolder } from '../../shared/adapters/files/quarantine-folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import { sqliteSearch } from '../../shared/adapters/sqlite/search.ts';
import type { Generation } from '../../shared/batch/generations.ts';
import { readProgress } from '../../shared/consume/horizon.ts';
import { watchedCells } from '../../shared/live/changes.ts';
import { lanesFor } from '../../shared/log/lane.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import type { Consumer, LogRecord } from '../../shared/ports/log-reader.ts';
import { UNLIMITED } from '../../shared/request/http.ts';
import type { Fields } from '../../testing/body.ts';
import { checkedCalls } from './checked-calls.ts';
import { httpContract } from './http-contract.ts';
import type { BatchSide } from './parity.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';
import { CACHE_BYTES, DUPLICATE_WINDOW_MS, EPOCH_MS, type Parts, systemPlatform } from './system-platform.ts';

export interface SystemOptions {
  readonly pipeline: Pipeline;
  readonly shards: number;
  readonly startMs: number;
  /** Whether raw files are joined, as on one machine; by default. */
  readonly compactsRaw?: boolean;
  /** A folder that an earlier system left; without it a new one. */
  readonly root?: string;
  /** Puts something into the folder before it is opened. */
  readonly prepare?: (root: string) => void;
  /** How long the batch layer rests after a failure; not at all by default. */
  readonly retryMs?: number;
  /** How long after their epoch cells expire by themselves; null, by default, as on one machine. */
  readonly cellsKeptMs?: number | null;
  /** Of the batch engine. */
  readonly memoryBytes?: number;
  /** The same of the one that explains numbers. */
  readonly explainMemoryBytes?: number;
  /** Another batch engine, and its lake, than DuckDB over the folder. */
  readonly side?: BatchSide;
}

/**
 * The whole system in a temporary folder: every function over its embedded adapters, behind the host's own HTTP server.
 * Every answer is held against the OpenAPI document. Nothing moves by itself: the test sets the clock, and says when a consumer, the heartbeat or the batch layer runs.
 */
export const system = async ({
  pipeline,
  shards,
  startMs,
  prepare,
  compactsRaw = true,
  retryMs = 0,
  cellsKeptMs = null,
  memoryBytes = 2 ** 30,
  explainMemoryBytes = 2 ** 28,
  side,
  root = mkdtempSync(join(tmpdir(), 'twinstream-')),
}: SystemOptions) => {
  prepare?.(root);
  let nowMs = startMs;
  const clock = () => nowMs;
  const { counters, figures, errors, telemetry } = recordedTelemetry();
  const log = sqliteLog({ path: join(root, 'log.db'), shards, lanes: lanesFor(shards), clock });
  const store = sqliteCells({ path: join(root, 'views.db'), clock });
  const entities = sqliteEntities({ path: join(root, 'entities.db'), clock });
  const lakeRoot = join(root, 'lake');
  const lake = side?.lake ?? folder({ root: lakeRoot });
  const index = sqliteSearch({ path: join(root, 'search.db') });
  const parts: Parts = { telemetry, log, store, lake, entities, index, quarantine: quarantineFolder({ store: lake, clock }) };

  const deadLetters = deadLettersFolder({ store: folder({ root }) });

  let indexedUpTo = '';
  const indexLag = () => entities.waiting(indexedUpTo);

  const live = liveHere({ pipeline, rowsOf: (wanted) => functions.liveRows(wanted, UNLIMITED), telemetry });
  const platformOf = (changed: Parts) =>
    systemPlatform(
      { ...changed, store: watchedCells(changed.store, live.feed.written) },
      {
        clock,
        indexLag,
        deadLetters,
        readLog: log.read,
        lanes: log.lanes,
        compactsRaw,
        engine: () => side?.engine ?? duckdb({ root: lakeRoot, memoryBytes }),
        explainEngine: () => side?.engine ?? duckdb({ root: lakeRoot, memoryBytes: explainMemoryBytes }),
        retryMs,
        cellsKeptMs,
        requestReindex: (names) => requestedReindexes.push(names),
      },
    );
  const functionsOf = (of: Pipeline, changed: Parts) => hostFunctions(of, platformOf(changed));
  const requestedReindexes: (readonly string[])[] = [];
  let functions = functionsOf(pipeline, parts);
  let contract = httpContract(pipeline);
  const watch = stats({
    registry: figures.registry,
    store,
    log,
    indexLag: Object.keys(pipeline.entities).length > 0 ? indexLag : null,
    consumers: ['aggregate', 'archive', ...(Object.keys(pipeline.entities).length > 0 ? (['materialize'] as const) : [])],
    clock,
    telemetry,
  });
  const server = httpServer(
    {
      functions: {
        stats: (event) => watch.handler(event),
        ingest: (event) => functions.ingest(event),
        live: live.streams.handler,
        query: (event, context) => functions.query(event, context),
        search: (event) => functions.search(event),
        generations: (event) => functions.generations(event),
        quarantine: (event) => functions.quarantine(event),
        events: (event, context) => functions.events(event, context),
        exclusions: (event) => functions.exclusions(event),
        explain: (event, context) => functions.explain(event, context),
        letters: (event) => functions.letters(event),
        page: (event) => functions.page(event),
        lookups: (event) => functions.lookups(event),
      },
      authorize: async () => {},
      cors: async () => ({}),
      answered: watch.answered,
    },
    CONNECTION_LIMITS,
  );
  server.keepAliveTimeout = 0; // a slow test must not find its connection closed
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const call = checkedCalls(url, () => contract);
  /** Records of a shard that a consumer has not taken. */
  const waiting = async (consumer: Consumer, shard: string): Promise<readonly LogRecord[]> => {
    const upTo = (await readProgress(store, consumer)).get(shard)?.upTo ?? '';
    return (await log.read(shard, upTo, { records: 10_000, bytes: 1e9 })).records;
  };
  const drain = async (...consumers: readonly Consumer[]): Promise<void> => {
    for (const consumer of consumers) {
      for (const { id } of await log.shards()) {
        const records = await waiting(consumer, id);
        if (records.length === 0) continue;
        const { failedFrom } = await functions[consumer]({ shard: id, records });
        if (failedFrom !== null) throw new Error(`Expected ${consumer} to take ${id}, got ${JSON.stringify([failedFrom, errors.at(-1)])}`);
      }
    }
  };
  const leave = async (): Promise<void> => {
    live.streams.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (const one of [log, store, entities, index]) one.close();
  };
  const context = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };
  return {
    root,
    url,
    parts,
    store,
    log,
    lake,
    entities,
    counters,
    errors,
    deadLetters,
    live,
    /** What a function is made of. */
    ports: () => ({
      pipeline,
      clock,
      ...parts,
      epochLengthMs: EPOCH_MS,
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      cacheBytes: CACHE_BYTES,
      writeUnitBytes: 1_024,
    }),
    clock,
    waiting,
    /** Takes what the log has into both layers. */
    drain: () => drain('aggregate', 'archive'),
    aggregate: () => drain('aggregate'),
    archive: () => drain('archive'),
    materialize: () => drain('materialize'),
    /** Takes the entities' changes to the search index. */
    index: async (): Promise<void> => {
      const { records } = await entities.read('entities', indexedUpTo, { records: 100_000, bytes: 1e9 });
      const { failedFrom } = await functions.indexEntities(records);
      if (failedFrom !== null) throw new Error(`Expected index-entities to take all changes, got those before ${failedFrom}`);
      indexedUpTo = records.at(-1)?.sequenceNumber ?? indexedUpTo;
    },
    functions: () => functions,
    /** What POST /reindex asked for. */
    requestedReindexes,
    reindex: (request: ReindexRequest) => functions.reindex(request, context),
    /** A deploy: another pipeline, or other parts. */
    deploy: (of: Pipeline, changed: Partial<Parts>): void => {
      functions = functionsOf(of, { ...parts, ...changed });
      contract = httpContract(of);
    },
    advance: (ms: number): void => {
      nowMs += ms;
    },
    heartbeat: () => functions.heartbeat(),
    recompute: (): Promise<Generation | null> => functions.recompute({}, context),
    /** Moves the horizon past all that was posted, and publishes it. */
    publish: async (): Promise<Generation | null> => {
      nowMs += EPOCH_MS;
      await functions.heartbeat();
      await drain('aggregate', 'archive');
      return functions.recompute({}, context);
    },
    get: <R = Fields>(path: string, headers: Record<string, string>) => call<R>('GET', path, null, headers),
    post: (path: string, body: string | Uint8Array, headers: Record<string, string>) => call('POST', path, body, headers),
    call,
    /** Closes it, and leaves its folder. */
    leave,
    close: async (): Promise<void> => {
      await leave();
      await rm(root, { recursive: true, force: true });
    },
  };
};
export type System = Awaited<ReturnType<typeof system>>;
