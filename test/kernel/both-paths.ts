import { gzipSync } from 'node:zlib';
import type { Pipeline } from '../../shared/pipeline.ts';
import type { CellStore, CellWrite } from '../../shared/ports/cell-store.ts';
import type { AggregatePorts, speedLayer } from '../../shared/speed/aggregate.ts';
import type { Random } from '../../testing/random.ts';
import { memoryCells, quiet } from '../support/world.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const SHARD = 'shard-1';

/** Batches of records of lines. */
export type Batches = readonly (readonly (readonly string[])[])[];

/** Everything that a speed layer leaves behind. */
export interface Left {
  readonly items: Readonly<Record<string, string>>;
  readonly quarantined: readonly string[];
  readonly counted: Readonly<Record<string, number>>;
  readonly fast: number;
}

/** Folds the batches by one path, by several speed layers in turn. */
export const leftBy = async (makeSpeedLayer: typeof speedLayer, pipeline: Pipeline, batches: Batches, fastPath: boolean): Promise<Left> => {
  const cells = memoryCells(() => NOW);
  const partitions = new Set<string>();
  const store: CellStore = {
    ...cells,
    put: async (writes: readonly CellWrite[]) => {
      for (const { cell } of writes) partitions.add(cell.partition);
      return cells.put(writes);
    },
  };
  const quarantined: string[] = [];
  const counters = new Map<string, number>();
  const ports: AggregatePorts = {
    pipeline,
    store,
    log: { shards: async () => [{ id: SHARD, open: true, parents: [], floorMs: 0 }] },
    lake: { get: async () => null },
    quarantine: { deliver: async (entries) => void quarantined.push(...entries.map((entry) => Buffer.from(entry).toString())) },
    telemetry: {
      ...quiet,
      error: (message, fields) => {
        throw new Error(`${message}: ${JSON.stringify(fields)}`);
      },
      count: (name, n) => void counters.set(name, (counters.get(name) ?? 0) + n),
    },
    clock: () => NOW,
    epochLengthMs: 60_000,
    duplicateWindowMs: 3_600_000,
    cellPartBytes: 2_000,
    cellsKeptMs: null,
    cacheBytes: 2 ** 28,
    writeUnitBytes: 1_024,
    fastPath,
  };
  let take = makeSpeedLayer(ports);
  let sequence = 1_000;
  for (const [i, batch] of batches.entries()) {
    if (i % 5 === 4) take = makeSpeedLayer(ports);
    const records = batch.map((lines, k) => ({
      sequenceNumber: String(sequence++),
      lane: '0',
      arrivedAtMs: NOW + 7_000 * i + k,
      data: gzipSync(lines.map((line) => `${line}\n`).join('')),
    }));
    const { failedFrom } = await take({ shard: SHARD, records });
    if (failedFrom !== null) throw new Error(`Expected every record to be folded, failed from ${failedFrom}`);
  }
  const items: Record<string, string> = {};
  for (const partition of partitions)
    for (const { sort, version, body } of await cells.query({ partition, from: '', to: '~' }))
      items[`${partition} ${sort}`] = `${version} ${Buffer.from(body).toString('latin1')}`;
  cells.close();
  const { fast_path: fast = 0, ...counted } = Object.fromEntries(counters);
  return { items, quarantined: quarantined.map(withoutId), counted, fast };
};

/** Entries have an id of their own. */
const withoutId = (entry: string): string => JSON.stringify({ ...(JSON.parse(entry) as object), id: null, fallbackId: null });

/** What differs between what two paths left; nothing if they agree. */
export const differencesOf = (one: Left, other: Left): string[] => {
  const names = new Set([...Object.keys(one.items), ...Object.keys(other.items)]);
  return [
    ...[...names].filter((name) => one.items[name] !== other.items[name]),
    ...(JSON.stringify(one.quarantined) === JSON.stringify(other.quarantined) ? [] : ['quarantine']),
    ...(JSON.stringify(sorted(one.counted)) === JSON.stringify(sorted(other.counted)) ? [] : ['counters']),
  ];
};
const sorted = (of: Readonly<Record<string, number>>) => Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));

/** Cuts lines into records and batches of any size. */
export const batchesOf = (r: Random, lines: readonly string[]): Batches => {
  const batches: string[][][] = [];
  for (let at = 0; at < lines.length; ) {
    const batch: string[][] = [];
    for (let records = r.integer(1, 4); records > 0 && at < lines.length; records--) {
      const size = r.pick([1, 3, 50, 400, 2_000]);
      batch.push(lines.slice(at, at + size));
      at += size;
    }
    batches.push(batch);
  }
  return batches;
};
