import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFolder } from '../../local/check/check.ts';
import { repairFolder } from '../../local/repair/run.ts';
import { writeSeal } from '../../shared/adapters/folder-seal.ts';
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
