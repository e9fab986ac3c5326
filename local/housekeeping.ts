import { join } from 'node:path';
import type { SqliteEntities } from '../shared/adapters/sqlite/entities.ts';
import { enableShrinking, tidy, walKeeper } from '../shared/adapters/sqlite/file-sizes.ts';
import type { SqliteLog } from '../shared/adapters/sqlite/log.ts';
import { readProgress } from '../shared/consume/horizon.ts';
import { compareSequence } from '../shared/log/sequence.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Consumer } from '../shared/ports/log-reader.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { indexedKey } from '../shared/storage/keys.ts';

const KEEP_LOG_MS = 86_400_000;
const KEEP_CHANGES_MS = 600_000;
const FILES = ['log.db', 'views.db', 'entities.db', 'search.db'];

export interface HousekeepingPorts {
  readonly dataDir: string;
  readonly log: Pick<SqliteLog, 'shards' | 'trim' | 'beyondBytes'>;
  readonly store: CellStore;
  /** Null if the pipeline has none. */
  readonly entities: Pick<SqliteEntities, 'trim'> | null;
  /** The log's consumers. */
  readonly consumers: readonly Consumer[];
  /** The most that the log may take on disk. */
  readonly keepLogBytes: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Keeps the data folder as small as its content. */
export const housekeeping = ({ dataDir, log, store, entities, consumers, keepLogBytes, clock, telemetry }: HousekeepingPorts) => ({
  /** Empties write-ahead logs that are nearly idle. */
  emptyWals: walKeeper(FILES.map((file) => join(dataDir, file))),
  /** Deletes records that all consumers have processed, once they are a day old or the log is too large, and notes of removals that have been indexed. */
  trim: async (): Promise<void> => {
    const [indexed] = entities === null ? [] : await store.get([indexedKey]);
    if (indexed != null) entities?.trim(indexed.version, clock() - KEEP_CHANGES_MS);
    const beforeMs = Math.max(clock() - KEEP_LOG_MS, log.beyondBytes(keepLogBytes));
    const progress = await Promise.all(consumers.map((consumer) => readProgress(store, consumer)));
    for (const { id } of await log.shards()) {
      const reached = progress.map((byShard) => byShard.get(id)?.upTo);
      const lowest = reached.reduce((a, b) => (a === undefined || b === undefined ? undefined : compareSequence(a, b) < 0 ? a : b));
      if (lowest !== undefined) log.trim(id, lowest, beforeMs);
    }
  },
  /** Returns the space of free pages to the disk. */
  tidy: async (): Promise<void> => {
    for (const file of FILES) await tidy(join(dataDir, file));
  },
  /** Rewrites files of an older version once, so that they can shrink. Call this while nothing else runs. */
  convert: (): void => {
    for (const file of FILES) if (enableShrinking(join(dataDir, file))) telemetry.info('Rewrote a file, so that it can shrink', { file });
  },
});
