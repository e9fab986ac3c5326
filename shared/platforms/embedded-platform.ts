import { join } from 'node:path';
import { duckdb } from '../adapters/duckdb/duckdb.ts';
import { deadLettersFolder } from '../adapters/files/dead-letters-folder.ts';
import { diskRoom, logWithRoom } from '../adapters/files/disk-room.ts';
import { folder, readOnlyFolder } from '../adapters/files/folder.ts';
import { quarantineFolder } from '../adapters/files/quarantine-folder.ts';
import { tokenFile } from '../adapters/files/token-file.ts';
import { sqliteCells } from '../adapters/sqlite/cells.ts';
import { sqliteEntities } from '../adapters/sqlite/entities.ts';
import { sqliteLog } from '../adapters/sqlite/log.ts';
import { sqliteSearch } from '../adapters/sqlite/search.ts';
import type { Alone } from '../batch/lease.ts';
import { type Lanes, lanesFor } from '../log/lane.ts';
import type { Clock } from '../ports/clock.ts';
import type { FolderOwnedError } from '../ports/folder-owned.ts';
import type { LiveConnections, LivePost } from '../ports/live-connections.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type RejectedCount, rejectedCount } from '../quarantine/count.ts';
import type { HealthKept, IndexLag } from '../query/health.ts';
import { indexedKey } from '../storage/keys.ts';
import { explainMemoryBytes, type Settings } from './embedded-settings.ts';
import { once } from './once.ts';

export interface EmbeddedOptions {
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly telemetry: () => Telemetry;
  /** Set if another process owns the folder: reading is allowed, and writes are refused with this. */
  readonly owned: () => FolderOwnedError | undefined;
}

/** The ports on one machine, all in one data folder. Each is opened on first use, once. */
export const embeddedPlatform = ({ settings, clock, telemetry, owned }: EmbeddedOptions) => {
  const opened: { close(): unknown }[] = [];
  const database = <D extends { close(): unknown }>(name: string, open: (at: { path: string; owned: FolderOwnedError | undefined }) => D) =>
    once((): D => {
      const made = open({ path: join(settings().dataDir, name), owned: owned() });
      opened.push(made);
      return made;
    });
  const files = (root: string): ObjectStore => {
    const other = owned();
    return other === undefined ? folder({ root }) : readOnlyFolder({ root, owned: other });
  };
  const lakeRoot = () => join(settings().dataDir, 'lake');

  const room = once(() => diskRoom({ root: settings().dataDir, clock }));
  const eventLog = database('log.db', (at) => logWithRoom(sqliteLog({ ...at, shards: settings().shards, lanes: lanesFor(settings().shards), clock }), room()));
  const cellStore = database('views.db', (at) => sqliteCells({ ...at, clock }));
  const entityStore = database('entities.db', (at) => sqliteEntities({ ...at, clock }));
  const searchIndex = database('search.db', sqliteSearch);
  const lake = once(() => files(lakeRoot()));
  const indexLag: IndexLag = async () => {
    const [taken] = await cellStore().get([indexedKey]);
    return entityStore().waiting(taken?.version ?? '');
  };
  const counted = once(() => rejectedCount(lake(), clock));
  const rejected: RejectedCount = () => counted()();
  const engine = (memoryBytes: number): SqlEngine => {
    const [opened, other] = [duckdb({ root: lakeRoot(), memoryBytes }), owned()];
    return other === undefined ? opened : { ...opened, rows: () => Promise.reject(other), unload: () => Promise.reject(other) };
  };
  const alone: Alone = (_, work) => work();
  return {
    clock,
    settings,
    telemetry,
    room,
    eventLog,
    readLog: () => eventLog().read,
    readTail: () => eventLog().read,
    logStatus: () => eventLog().status(),
    lanes: (): Lanes => eventLog().lanes,
    cellStore,
    entityStore,
    searchIndex,
    /** What the search index has not processed of the entities' changes. */
    indexLag,
    /** Its reads are local. */
    healthKept: { reportMs: 0, filesMs: 30_000 } satisfies HealthKept,
    rejected,
    lake,
    /** Relative to the lake's folder, which may be moved or copied. */
    lakeUri: (key: string): string => key,
    /** The batch layer has a thread of its own, and the folder one owner. */
    compactsRaw: true as boolean,
    sqlEngine: once(() => engine(settings().batchMemoryBytes)),
    /** Each thread that answers queries opens its own. */
    explainEngine: once(() => engine(explainMemoryBytes(settings()))),
    quarantine: once(() => quarantineFolder({ store: lake(), clock })),
    deadLetters: once(() => deadLettersFolder({ store: files(settings().dataDir) })),
    tokens: once(() => tokenFile({ path: join(settings().dataDir, 'tokens.json') })),
    /** The host streams live numbers itself. */
    liveConnections: (): LiveConnections | null => null,
    livePost: (): LivePost | null => null,
    liveUrl: (): string | null => null,
    /** Runs one at a time, started by the host's scheduler. */
    alone,
    /** The host's scheduler looks for requests itself. */
    startRecompute: async (): Promise<void> => {},
    hasSearch: (): boolean => true,
    /** The host begins it once the call is answered. */
    requestReindex: async (_: unknown): Promise<void> => {},
    startReindex: async (_: unknown): Promise<void> => {
      throw new Error('Expected a run without a time limit, got one that has no time for the whole index');
    },
    /** Closes what was opened; the platform must not be used any more. */
    close: (): void => {
      for (const one of opened.splice(0).reverse()) one.close();
    },
  };
};
export type EmbeddedPlatform = ReturnType<typeof embeddedPlatform>;
