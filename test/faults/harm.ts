import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'libsql';
import { checkFolder } from '../../local/check/check.ts';
import { closeFolder } from '../../local/close-folder.ts';
import { repairFolder } from '../../local/repair/run.ts';
import { writeSeal } from '../../shared/adapters/files/folder-seal.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import type { Random } from '../../testing/random.ts';
import { quiet } from '../support/world.ts';
import type { Folder } from './folder.ts';
import type { Harm } from './harm-kinds.ts';
import { linesOf, parsed } from './oracle.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS, MOST_SHARDS } from './plan.ts';
import type { PastLine } from './played-log.ts';
import { expectSame } from './same.ts';

const DATABASES = ['log.db', 'views.db', 'entities.db', 'search.db'];
const ENDS = ['', '-wal', '-shm'];
const copyOf = (root: string): string => `${root}-copy`;

/** Takes a copy of a folder that nobody has open. */
export const takeCopy = ({ root, log }: Folder): void => {
  log.remember();
  rmSync(copyOf(root), { recursive: true, force: true });
  cpSync(root, copyOf(root), { recursive: true, filter: (from) => !from.includes('owner.') && !from.endsWith('/replaced') });
};
export const dropCopy = (root: string): void => rmSync(copyOf(root), { recursive: true, force: true });

const filesUnder = (at: string): string[] =>
  existsSync(at)
    ? readdirSync(at, { withFileTypes: true })
        .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(at, entry.name)) : [join(at, entry.name)]))
        .sort()
    : [];

const harm = async ({ root, log }: Folder, { what, isOlder }: Harm, r: Random, clock: () => number): Promise<void> => {
  const drop = (name: string) => {
    for (const end of ENDS) rmSync(join(root, name + end), { force: true });
  };
  const restore = (name: string) => {
    for (const end of ENDS) if (existsSync(join(copyOf(root), name + end))) cpSync(join(copyOf(root), name + end), join(root, name + end));
  };
  const lake = join(root, 'lake');
  switch (what) {
    case 'log.db':
    case 'views.db':
    case 'entities.db':
      drop(what);
      if (isOlder) restore(what);
      if (isOlder && what === 'log.db' && existsSync(join(copyOf(root), what))) log.recall(false);
      return;
    case 'everything':
      if (!existsSync(copyOf(root))) return;
      for (const name of DATABASES) drop(name);
      for (const name of ['lake', 'seal.json']) rmSync(join(root, name), { recursive: true, force: true });
      cpSync(copyOf(root), root, { recursive: true });
      log.recall(true);
      return;
    case 'raw':
      for (const file of filesUnder(join(lake, 'raw'))) if (r.chance(0.3)) rmSync(file);
      return;
    case 'views':
      for (const name of ['views', 'events', 'generations']) for (const file of filesUnder(join(lake, name))) if (r.chance(0.5)) rmSync(file);
      return;
    case 'other log': {
      const lanes = log.lanes();
      drop('log.db');
      const other = sqliteLog({ path: join(root, 'log.db'), shards: r.integer(1, MOST_SHARDS), lanes, clock });
      // Another folder of the same senders.
      const records = log.all.flatMap((shard) => shard.records).filter(({ lane }) => lane !== 'heartbeat' && r.chance(0.2));
      for (const { lane, data } of records) await other.append([{ lane: Number(lane), data }]);
      other.close();
      return;
    }
  }
};

type Places = Map<string, PastLine>;
const placeOf = ({ shard, seq, line }: Pick<PastLine, 'shard' | 'seq' | 'line'>): string => `${shard} ${seq} ${line}`;

/** Every line of the lake's raw files, by its place; read plainly. */
const rawLines = (root: string): Places => {
  const places: Places = new Map();
  for (const file of filesUnder(join(root, 'lake', 'raw')))
    for (const text of gunzipSync(readFileSync(file)).toString().split('\n')) {
      const found = /^\{"epoch":(\d+),"shard":"([^"]+)","seq":"(\d+)","line":(\d+),"event":(.*)\}$/.exec(text);
      const event = found === null ? null : parsed(found[5] ?? '');
      if (found === null || event === null) continue;
      const one = { epochMs: Number(found[1]), shard: found[2] ?? '', seq: found[3] ?? '', line: Number(found[4]), event };
      places.set(placeOf(one), one);
    }
  return places;
};
/** Every line of a log's file, by its place. */
const logLines = (path: string): Places => {
  const places: Places = new Map();
  if (!existsSync(path)) return places;
  const database = new Database(path);
  const rows = database.prepare('SELECT name, sequence, data FROM records JOIN shards ON shards.id = records.shard').all() as {
    name: string;
    sequence: number;
    data: ArrayBuffer;
  }[];
  database.close();
  for (const { name: shard, sequence, data } of rows)
    for (const [line, text] of linesOf(new Uint8Array(data)).entries()) {
      const event = parsed(text);
      if (event === null) continue;
      const one = { epochMs: 0, shard, seq: String(sequence), line, event };
      places.set(placeOf(one), one);
    }
  return places;
};

const inOrder = (places: Places): PastLine[] =>
  [...places.values()].sort(
    (a, b) =>
      a.epochMs - b.epochMs ||
      (a.shard < b.shard ? -1 : a.shard > b.shard ? 1 : 0) ||
      a.seq.length - b.seq.length ||
      (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0) ||
      a.line - b.line,
  );

export interface HarmOptions {
  readonly folder: Folder;
  readonly pipeline: Pipeline;
  readonly shards: number;
  readonly clock: () => number;
  readonly random: Random;
  readonly note: (name: string, n: number) => void;
  /** A run of the batch layer; answers from which epoch on and up to which it has published a generation. */
  readonly run: () => Promise<{ readonly fromMs: number; readonly toMs: number }>;
}

/**
 * Stops the folder's process, harms its files, checks them as a start does, and repairs where that says so. Whatever is
 * in any store then must be in the lake, and nothing else. Starts again.
 */
export const harmFolder = async ({ folder, pipeline, shards, clock, random, note, run }: HarmOptions, how: Harm): Promise<void> => {
  const { root } = folder;
  folder.stop();
  if (how.isOlder && !existsSync(copyOf(root))) {
    // There is none yet: somebody takes one.
    takeCopy(folder);
    return folder.start(shards, null);
  }
  const before = rawLines(root);
  if (how.isClean) {
    await closeFolder(root, quiet);
    await writeSeal(root);
  }
  await harm(folder, how, random, clock);
  note(`harm: ${how.what}${how.isOlder ? ', older' : ''}`, 1);
  const found = await checkFolder(root, clock);
  const isNeeded = found.some(({ healed }) => healed === null);
  if (how.what === 'raw' && !isNeeded) {
    await folder.start(shards, null);
    const published = await run();
    folder.stop();
    const now = rawLines(root);
    const gone = [...before.values()].filter((one) => !now.has(placeOf(one)) && one.epochMs >= published.fromMs && one.epochMs < published.toMs);
    expectSame('raw lines that are gone, and that a generation was published without', gone, []);
  }
  // Files of the lake are missed by whoever asks, or by the next run: the answer is the same command.
  if (!isNeeded && how.what !== 'raw' && how.what !== 'views') return folder.start(shards, null);
  const left = new Map([...logLines(join(root, 'log.db')), ...rawLines(root)]);
  const repair = (time: () => number) =>
    repairFolder({
      dataDir: root,
      pipeline,
      epochLengthMs: EPOCH_MS,
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      shards,
      memoryBytes: 200_000_000,
      clock: time,
      telemetry: quiet,
      say: () => {},
    });
  if (how.cutOffAt !== null) {
    let looks = 0;
    const isCut = await repair(() => {
      if (++looks === how.cutOffAt) throw new Error('The repair is cut off');
      return clock();
    }).then(
      () => false,
      () => true,
    );
    if (isCut) note('repairs cut off', 1);
  }
  await repair(clock);
  note('repairs', 1);
  const after = rawLines(root);
  const textOf = (places: Places) => Object.fromEntries([...places].sort().map(([place, { event }]): [string, StoredEvent] => [place, event]));
  expectSame('the lake after a repair', textOf(after), textOf(left));
  await folder.start(shards, inOrder(after));
};
