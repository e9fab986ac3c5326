import type { ReindexRequest } from '../../functions/reindex.ts';
import type { HostPlatform } from '../../local/host-functions.ts';
import type { Lanes } from '../../shared/log/lane.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import type { DeliveryStream } from '../../shared/ports/delivery-stream.ts';
import type { EntityStore } from '../../shared/ports/entity-store.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import type { LogReader } from '../../shared/ports/log-reader.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { SearchIndex } from '../../shared/ports/search-index.ts';
import type { SqlEngine } from '../../shared/ports/sql-engine.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { rejectedCount } from '../../shared/quarantine/count.ts';
import type { IndexLag } from '../../shared/query/health.ts';
import { CELL_PART_BYTES } from '../../shared/speed/cell-parts.ts';

export const EPOCH_MS = 60_000;
export const DUPLICATE_WINDOW_MS = 3_600_000;
export const CACHE_BYTES = 2 ** 28;

/** What a test may put in place of a part, to make it fail. */
export interface Parts {
  readonly telemetry: Telemetry;
  readonly log: EventLog;
  readonly store: CellStore;
  readonly lake: ObjectStore;
  readonly quarantine: DeliveryStream;
  readonly entities: EntityStore;
  readonly index: SearchIndex | null;
}
export interface SystemPlatformOptions {
  readonly clock: Clock;
  readonly indexLag: IndexLag;
  readonly deadLetters: DeadLetters;
  readonly readLog: LogReader['read'];
  readonly lanes: Lanes;
  readonly compactsRaw: boolean;
  readonly engine: () => SqlEngine;
  readonly explainEngine: () => SqlEngine;
  readonly retryMs: number;
  readonly cellsKeptMs: number | null;
  /** Called with the names of entities whose index is to be built. */
  readonly requestReindex: (entities: readonly string[]) => void;
}

/** The platform that a test's functions are bound to, over these parts. */
export const systemPlatform = (
  { telemetry, log, store, lake, entities, index, quarantine }: Parts,
  { clock, indexLag, deadLetters, readLog, lanes, compactsRaw, engine, explainEngine, retryMs, cellsKeptMs, requestReindex }: SystemPlatformOptions,
): HostPlatform => ({
  clock,
  settings: () => ({
    epochLengthMs: EPOCH_MS,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
    cellPartBytes: CELL_PART_BYTES,
    cellsKeptMs,
    cacheBytes: CACHE_BYTES,
    writeUnitBytes: 1_024,
    parallelQueries: 1,
    keepGenerations: 3,
    recomputeEveryMs: retryMs,
    heartbeatEveryMs: EPOCH_MS / 6,
  }),
  telemetry: () => telemetry,
  eventLog: () => log,
  lanes: () => lanes,
  logStatus: () => log.status(),
  readLog: () => readLog,
  readTail: () => readLog,
  cellStore: () => store,
  entityStore: () => entities,
  searchIndex: () => index,
  hasSearch: () => index !== null,
  indexLag,
  healthKept: { reportMs: 0, filesMs: 30_000 },
  rejected: rejectedCount(lake, clock),
  room: () => null,
  lake: () => lake,
  lakeUri: (key) => key,
  compactsRaw,
  sqlEngine: engine,
  explainEngine,
  quarantine: () => quarantine,
  deadLetters: () => deadLetters,
  liveConnections: () => null,
  livePost: () => null,
  liveUrl: () => null,
  alone: (_, work) => work(),
  startRecompute: async () => {},
  requestReindex: async (request) => requestReindex((request as ReindexRequest).entities ?? []),
  startReindex: async () => {},
});
