import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { checkFolder } from '../../local/check/check.ts';
import { repairFolder } from '../../local/repair/run.ts';
import { writeSeal } from '../../shared/adapters/files/folder-seal.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import { lanesFor } from '../../shared/log/lane.ts';
import { random } from '../../testing/random.ts';
import { NOW, type Note, notesOf, pipeline, postNotes, sidesOf, sumsOf, takeAll } from '../support/notes.ts';
import { type System, system } from '../support/system.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS } from '../support/system-platform.ts';
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
const repair = (clock: () => number = () => nowMs) =>
  repairFolder({
    dataDir: root,
    pipeline,
    epochLengthMs: EPOCH_MS,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
    memoryBytes: 2 ** 30,
    shards: 2,
    clock,
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
  if (name === 'log.db') sqliteLog({ path: join(root, name), shards: 2, lanes: lanesFor(2), clock: () => nowMs }).close();
  expect(await checkFolder(root, () => nowMs)).toEqual([expect.objectContaining({ file: name, healed: null })]);
  await repair();
  await open();
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
});

test('given a copy of a killed folder’s log that is restored after a clean stop, then a repair finds what its write-ahead log holds', async () => {
  await history();
  await leave();
  const path = join(root, 'log.db');
  const log = sqliteLog({ path, shards: 2, lanes: lanesFor(2), clock: () => nowMs });
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

const dropLog = (): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(join(root, `log.db${end}`), { force: true });
};
/** What a host does once it has started after a repair: an event that comes again counts once, and both layers agree. */
const expectWhole = async (): Promise<void> => {
  await open();
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
  await postNotes(world as System, posted.slice(-5));
  await post('after');
  await takeAll(world as System);
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
  await world?.publish();
  const published = await world?.publish();
  expect(Object.values(published?.drift ?? {}).map(({ drift }) => drift)).toEqual([0]);
  expect(await sidesOf(world as System)).toEqual(everywhere(posted));
};

test('given events that only the log holds, then a repair counts them', async () => {
  await history();
  await post('log alone');
  await leave();
  for (const end of ['', '-wal', '-shm']) rmSync(join(root, `views.db${end}`), { force: true });
  expect(await checkFolder(root, () => nowMs)).toEqual([expect.objectContaining({ file: 'views.db', healed: null })]);
  expect(await repair()).toEqual([]);
  await expectWhole();
});

test('given a repair that is cut off anywhere, then no host starts, and the next repair ends the same', async () => {
  await history();
  await post('log alone');
  await leave();
  rmSync(join(root, 'entities.db'));
  let calls = 0;
  let done = false;
  for (const cut of [1, 2, 3, 5, 8, 20, 60]) {
    calls = 0;
    const clock = () => {
      if (++calls === cut) throw new Error('cut off');
      return nowMs;
    };
    const result = await repair(clock).catch((error: Error) => error.message);
    if (result !== 'cut off') done = true;
    else if (cut > 1) expect(await checkFolder(root, () => nowMs)).toEqual([expect.objectContaining({ file: 'repairing.json', healed: null })]);
  }
  if (!done) expect(await repair()).toEqual([]);
  await expectWhole();
});

test('given a clock that was three days ahead, then a repair brings its events to the present epoch', async () => {
  await open();
  world?.advance(3 * 86_400_000);
  await post('ahead');
  await takeAll(world as System);
  await leave();
  nowMs = NOW + 60_000;
  dropLog();
  expect(await repair()).toEqual([]);
  await open();
  expect((await world?.get('/generations', {}))?.body).toMatchObject({ generations: [{ horizon: '2026-11-21T10:02:00.000Z' }] });
  await leave();
  await expectWhole();
});

test('given raw lines that are gone for good, then a repair says which, and how many events had been counted', async () => {
  await history();
  await leave();
  const raw = readdirSync(join(root, 'lake/raw'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
  const [gone = ''] = raw.sort().slice(-1);
  rmSync(join(root, 'lake/raw', gone));
  dropLog();
  const lost = await repair();
  expect(lost).toEqual([
    expect.stringMatching(/^Raw lines of shard-[\w-]+ after record \d+, up to \d+/),
    expect.stringMatching(/^\d+ events? that had been counted/),
  ]);
});

test('given a folder that nothing happened to, then it is as it was, also after a repair that nobody needed', async () => {
  await history();
  await leave();
  expect(await checkFolder(root, () => nowMs)).toEqual([]);
  expect(await repair()).toEqual([]);
  await expectWhole();
});
