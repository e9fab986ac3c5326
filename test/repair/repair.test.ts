import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { checkFolder } from '../../local/check/check.ts';
import { repairFolder } from '../../local/repair/run.ts';
import { writeSeal } from '../../shared/adapters/folder-seal.ts';
import { sqliteLog } from '../../shared/adapters/sqlite-log.ts';
import { NOW, type Note, notesOf, pipeline, postNotes, sidesOf, sumsOf, takeAll } from '../support/notes.ts';
import { random } from '../support/random.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS, type System, system } from '../support/system.ts';
import { quiet } from '../support/world.ts';

const r = random(7);
let root: string;
let world: System | null;
let nowMs: number;
let posted: Note[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'twinstream-repair-'));
  [world, nowMs, posted] = [null, NOW, []];
});
afterEach(async () => {
  await world?.leave();
  rmSync(root, { recursive: true, force: true });
});

const open = async (): Promise<System> => (world = await system({ pipeline, shards: 2, startMs: nowMs, root }));
const leave = async (): Promise<void> => {
  nowMs = (world as System).clock();
  await world?.leave();
  world = null;
};
const post = async (name: string, many = 20): Promise<readonly Note[]> => {
  const notes = notesOf(r, name, many);
  await postNotes(world as System, notes);
  posted.push(...notes);
  return notes;
};
const repair = () =>
  repairFolder({
    dataDir: root,
    pipeline,
    epochLengthMs: EPOCH_MS,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
    memoryBytes: 2 ** 30,
    shards: 2,
    clock: () => nowMs,
    telemetry: quiet,
    say: () => {},
  });
const everywhere = (notes: readonly Note[]) => {
  const sums = sumsOf(notes);
  return { metric: { sums }, entities: { sums }, search: { sums } };
};

/** History in a generation, in the speed layer, and in the log alone. */
const history = async () => {
  await open();
  await post('batch');
  await takeAll(world as System);
  await world?.publish();
  await post('speed');
  await takeAll(world as System);
};

test('given a log that is gone, then the start says so, a repair makes everything whole, and what is sent after counts once', async () => {
  await history();
  await leave();
  await writeSeal(root);
  for (const end of ['', '-wal', '-shm']) rmSync(join(root, `log.db${end}`), { force: true });
  expect(await checkFolder(root, () => nowMs)).toEqual([expect.objectContaining({ file: 'log.db', healed: null })]);
  expect(await repair()).toEqual([]);
  expect(await checkFolder(root, () => nowMs)).toEqual([]);
  await open();
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
  const again = posted.slice(0, 5);
  await postNotes(world as System, again);
  await post('after');
  await takeAll(world as System);
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
  await (world as System).publish();
  const published = await (world as System).publish();
  expect(Object.values(published?.drift ?? {}).map(({ drift }) => drift)).toEqual([0]);
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
});

test.each(['log.db', 'entities.db'])('given a %s that is gone again right after a repair, then the next start says so', async (name) => {
  await history();
  await leave();
  const lose = () => {
    for (const end of ['', '-wal', '-shm']) rmSync(join(root, name + end), { force: true });
  };
  lose();
  await repair();
  lose();
  // Somebody else's, in which nothing ever was.
  if (name === 'log.db') sqliteLog({ path: join(root, name), shards: 2, lanes: 4, clock: () => nowMs }).close();
  expect(await checkFolder(root, () => nowMs)).toEqual([expect.objectContaining({ file: name, healed: null })]);
  await repair();
  await open();
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
});

test('given a copy of a killed folder’s log that is restored after a clean stop, then a repair finds what its write-ahead log holds', async () => {
  await history();
  await leave();
  const path = join(root, 'log.db');
  const log = sqliteLog({ path, shards: 2, lanes: 4, clock: () => nowMs });
  const read = new Database(path);
  read.exec('BEGIN');
  read.prepare('SELECT count(*) FROM records').all();
  await log.append([{ lane: 0, data: Buffer.from('x') }]);
  const files = ['log.db', 'log.db-wal'].map((name) => [name, readFileSync(join(root, name))] as const);
  read.exec('COMMIT');
  read.close();
  log.close();
  expect(files[1]?.[1].length).toBeGreaterThan(0);
  rmSync(`${path}-shm`, { force: true });
  for (const [name, bytes] of files) writeFileSync(join(root, name), bytes);
  // Of a clean stop, which left another file.
  writeFileSync(join(root, 'seal.json'), JSON.stringify({ files: { 'log.db': [1, 1] } }));
  expect((await checkFolder(root, () => nowMs)).map(({ file }) => file)).toContain('log.db');
  expect(existsSync(`${path}-wal`)).toBe(true);
});
