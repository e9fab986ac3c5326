import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { removeSeal } from '../../shared/adapters/files/folder-seal.ts';
import { quarantineFolder } from '../../shared/adapters/files/quarantine-folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { type SqliteEntities, sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import { sqliteSearch } from '../../shared/adapters/sqlite/search.ts';
import { generations } from '../../shared/batch/generations.ts';
import { readManifest } from '../../shared/batch/manifest.ts';
import type { Pipeline } from '../../shared/definition/define.ts';
import { lanesFor } from '../../shared/log/lane.ts';
import type { CellKey, CellStore, CellWrite } from '../../shared/ports/cell-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { rebuild } from '../../shared/search/rebuild.ts';
import { checkpointKey, REPAIR_SHARD } from '../../shared/storage/keys.ts';
import { noteLog } from '../check/note-log.ts';
import { buildGeneration, removeOthers } from './generation.ts';
import { noteIds } from './ids.ts';
import { salvageLog } from './log-records.ts';
import { type OldViews, readOldViews } from './old-views.ts';
import { coverage, gapsOf, type Raw, readableLines, readLines, takeInventory, writeLines } from './raw-files.ts';
import { rebuildEntities } from './rebuild-entities.ts';
import { endRepair, REPLACED, setAside } from './set-aside.ts';

export interface RepairOptions {
  readonly dataDir: string;
  readonly pipeline: Pipeline;
  readonly epochLengthMs: number;
  readonly duplicateWindowMs: number;
  readonly shards: number;
  /** Of the batch engine. */
  readonly memoryBytes: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Prints a line about the progress. */
  readonly say: (line: string) => void;
}

/**
 * Rebuilds every store of a folder from the raw lines of the lake, and from what the log holds beyond them. The new log has
 * another identity, and begins in an epoch after all known ones, so nothing that is acknowledged afterwards is mistaken for
 * something that was counted before. Idempotent: interrupted and run again, it gives the same result.
 * @returns what was lost, a sentence each.
 */
export const repairFolder = async (options: RepairOptions): Promise<readonly string[]> => {
  const { dataDir, pipeline, epochLengthMs, duplicateWindowMs, clock, say } = options;
  const lake = folder({ root: join(dataDir, 'lake') });
  setAside(dataDir, clock());
  removeSeal(dataDir);
  const nowEpochMs = Math.floor(clock() / epochLengthMs) * epochLengthMs;
  const floorMs = nowEpochMs + epochLengthMs;
  const old = readOldViews(join(dataDir, REPLACED, 'views.db'));
  const lost: string[] = [];
  if (old.problem !== null)
    lost.push(`views.db could not be read (${old.problem}): its exclusions and the list of reference data are lost; create and put them again.`);

  const raw = await gatherRaw(options, lake, { old, nowEpochMs, lost });

  const log = sqliteLog({ path: join(dataDir, 'log.db'), shards: options.shards, lanes: lanesFor(options.shards), clock });
  const store = sqliteCells({ path: join(dataDir, 'views.db'), clock });
  const entities = sqliteEntities({ path: join(dataDir, 'entities.db'), clock });
  const index = sqliteSearch({ path: join(dataDir, 'search.db') });
  try {
    log.renew({ floorMs });
    await noteLog(store, log);
    await store.put(old.entered.map((cell) => ({ cell, expected: null, expiresAtMs: null })));
    const hasEntities = Object.keys(pipeline.entities).length > 0;
    const consumers: readonly Consumer[] = hasEntities ? ['aggregate', 'materialize'] : ['aggregate'];
    const missing = uncountedIds(old, raw);
    const recent = raw.filter(({ epochMs }) => epochMs >= floorMs - duplicateWindowMs - epochLengthMs);
    await noteIds({ lake, store, nowMs: clock(), consumers }, recent, (name) => missing.delete(name));
    if (missing.size > 0) lost.push(`${count(missing.size, 'event')} that had been counted, but were in no file of the lake and not in the log.`);

    const engine = duckdb({ root: join(dataDir, 'lake'), memoryBytes: options.memoryBytes });
    const id = await buildGeneration(
      { ...options, log, store, lake, engine, readLog: null, cellsKeptMs: null, compactsRaw: false, parallel: 1, keep: 2, retryMs: 0, uriOf: (key) => key },
      { horizonMs: floorMs, listed: old.generations },
    );
    const manifest = await readManifest(lake, generations(store), id);
    say(`Generation ${id} holds the events of ${count(raw.length, 'raw file')}.`);
    await removeOthers(lake, manifest);
    if (hasEntities) {
      const { telemetry } = options;
      const rebuilt = await rebuildEntities({ pipeline, entities, log, lake, engine, telemetry }, manifest);
      say(`Entities hold ${count(rebuilt.events, 'event')}.`);
      await noteEntities(store, entities, id);
      const quarantine = quarantineFolder({ store: lake, clock });
      for (const entity of Object.values(pipeline.entities)) await rebuild({ entities, index, quarantine, clock, telemetry }, entity, null, () => true);
    }
  } finally {
    for (const open of [log, store, entities, index, old]) open.close();
  }
  endRepair(dataDir);
  return lost;
};

/** Until any event is folded, a start could not tell whether the entities are from this repair: those of an older repair have a smaller number. */
const noteEntities = async (store: CellStore, entities: Pick<SqliteEntities, 'reached'>, generation: string): Promise<void> => {
  const number = String(Number(generation.slice(1)));
  entities.reached(REPAIR_SHARD, number);
  await store.put([checkpoint(checkpointKey('materialize', REPAIR_SHARD), number)]);
};
const checkpoint = (key: CellKey, version: string): CellWrite => ({
  cell: { ...key, version, body: Buffer.alloc(0) },
  expected: null,
  expiresAtMs: null,
});

const count = (n: number, what: string): string => `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;

interface Gathering {
  readonly old: OldViews;
  readonly nowEpochMs: number;
  readonly lost: string[];
}
/** Every raw line in intact files of epochs up to now. Adds what is missing to `lost`. */
const gatherRaw = async ({ dataDir, epochLengthMs, say }: RepairOptions, lake: ObjectStore, { old, nowEpochMs, lost }: Gathering): Promise<Raw[]> => {
  const { good, damaged } = await takeInventory(lake);
  const path = join(dataDir, REPLACED, 'log.db');
  const salvaged = existsSync(path) ? await salvageLog(path, lake, good, { epochLengthMs, nowEpochMs }) : null;
  if (salvaged !== null) {
    if (salvaged.lines > 0) say(`${count(salvaged.lines, 'event')} of the log copied to the lake.`);
    const known = new Set([...good, ...damaged].map(({ shard }) => shard));
    if (known.size > 0 && salvaged.files.some(({ shard }) => !known.has(shard)))
      say("Some are from shards of which the lake had nothing. If the log is another folder's, and they do not belong here, exclude them: POST /exclusions.");
    if (salvaged.error !== null) lost.push(`log.db could not be read (${salvaged.error}): what it held beyond the lake is lost.`);
    for (const { shard, sequence } of salvaged.lost) lost.push(`Record ${sequence} of ${shard}: it is damaged in the log, and not in the lake.`);
  }
  const files = [...good, ...(salvaged?.files ?? [])];
  const aside = folder({ root: join(dataDir, REPLACED, 'lake') });
  const isCovered = coverage(files);
  for (const file of damaged) {
    const bytes = Buffer.from((await lake.get(file.key)) ?? []);
    // What the log had of it is in files by now.
    const isWhole = isCovered(file.shard, file.first) && isCovered(file.shard, file.last);
    const lines = isWhole ? [] : readableLines(bytes);
    if (lines.length > 0) files.push(await writeLines(lake, { ...file, prev: null }, Math.min(file.epochMs, nowEpochMs), lines));
    if (!isWhole)
      lost.push(
        `lake/${file.key} is damaged: ${count(lines.length, 'event')} of records ${file.first} to ${file.last} of ${file.shard} could be read, the others are lost.`,
      );
    await aside.put(file.key, bytes);
    await lake.remove([file.key]);
  }
  for (const { shard, after, upTo } of gapsOf([...files, ...damaged], old.written))
    lost.push(`Raw lines of ${shard} after record ${after}, up to ${upTo}: their file is missing in the lake, and the log does not have them.`);
  const ahead = files.filter(({ epochMs }) => epochMs > nowEpochMs);
  if (ahead.length > 0) say(`${count(ahead.length, 'raw file')} of epochs ahead of the clock moved to ${new Date(nowEpochMs).toISOString()}.`);
  const moved: Raw[] = [];
  for (const file of ahead) {
    moved.push(await writeLines(lake, file, nowEpochMs, await readLines(lake, file.key)));
    await lake.remove([file.key]);
  }
  return [...files.filter(({ epochMs }) => epochMs <= nowEpochMs), ...moved];
};

/** Ids of events that the speed layer had taken, from records that no raw file holds. */
const uncountedIds = (old: OldViews, raw: readonly Raw[]): Set<string> => {
  const isCovered = coverage(raw);
  const ids = new Set<string>();
  for (const { shard, first, last, ids: taken } of old.taken()) if (!isCovered(shard, first) || !isCovered(shard, last)) for (const id of taken) ids.add(id);
  return ids;
};
