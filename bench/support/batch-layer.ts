import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import type { Manifest } from '../../shared/batch/manifest.ts';
import type { RecomputePorts } from '../../shared/batch/recompute-ports.ts';
import type { Pipeline } from '../../shared/definition/define.ts';
import { lanesFor } from '../../shared/log/lane.ts';
import { QUIET } from './quiet.ts';

export const HOUR = 3_600_000;

/** A metric's views by day, as a table of DuckDB. */
export const dailyViews = (path: string, { metrics }: Manifest, metric: string): string => {
  const views = Object.entries(metrics).flatMap(([id, { days }]) => (id.startsWith(`${metric}@`) ? Object.values(days) : []));
  const files = new Set(views.flatMap((sizes) => sizes['1d'] ?? []));
  return `read_parquet([${[...files].map((file) => `'${join(path, 'lake', file)}'`).join(', ')}], hive_partitioning = false)`;
};

/** The batch layer over a folder's stores, without a host. Epochs are hours. */
export const batchLayer = (path: string, memoryBytes: number, pipeline: Pipeline) => {
  const root = join(path, 'lake');
  const store = sqliteCells({ path: join(path, 'views.db'), clock: Date.now });
  const log = sqliteLog({ path: join(path, 'log.db'), shards: 1, lanes: lanesFor(1), clock: Date.now });
  const ports: RecomputePorts = {
    pipeline,
    store,
    log,
    readLog: null,
    lake: folder({ root }),
    engine: duckdb({ root, memoryBytes }),
    clock: Date.now,
    telemetry: QUIET,
    epochLengthMs: HOUR,
    duplicateWindowMs: HOUR,
    cellsKeptMs: null,
    parallel: 1,
    keep: 3,
    retryMs: 0,
    uriOf: null,
    compactsRaw: false,
  };
  return {
    ports,
    close: (): void => {
      log.close();
      store.close();
    },
  };
};
