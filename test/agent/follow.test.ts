import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followSource } from '../../agent/sources/follow.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { shaper, taken } from './taken.ts';

// Files that grow, and are rotated: by name, by cutting them off, while somebody looks and while nobody does.

const folder = temporaryFolder();
afterAll(folder.remove);
let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(folder.path, 'follow-'));
  path = join(root, 'app.log');
});

/** Looks at the files after each of the steps, then ends. */
const follow = async (steps: readonly (() => void)[], at = path, before = taken()) => {
  const stop = new AbortController();
  const rest = [...steps];
  const sleep = async (): Promise<void> => {
    const step = rest.shift();
    if (step === undefined) stop.abort();
    else step();
  };
  await followSource({ path: at, shaper: shaper({}), everyMs: 1, surroundings: { sleep } }).run(before.intake, stop.signal);
  return before;
};
const add =
  (text: string, to = path) =>
  () =>
    appendFileSync(to, text);
const lines = (...n: number[]) => n.map((i) => `{"n":${i}}`);

test('given a file that grows, then whole lines are taken, as they are there', async () => {
  writeFileSync(path, '{"n":1}\n{"n":');
  const world = await follow([add('2}\n'), add('{"n":3}\n{"n":4}\n')]);
  expect(world.lines()).toEqual(lines(1, 2, 3, 4));
  expect(world.chunks.map(({ events }) => events)).toEqual([1, 1, 2]);
});

test('given a file that comes later, then it is read from its beginning', async () => {
  expect((await follow([add('{"n":1}\n')])).lines()).toEqual(lines(1));
});

test('given a restart, then it continues, also with lines that were written meanwhile', async () => {
  writeFileSync(path, '{"n":1}\n{"n":');
  const world = await follow([]);
  appendFileSync(path, '2}\n{"n":3}\n');
  await follow([], path, world);
  expect(world.lines()).toEqual(lines(1, 2, 3));
});

test('given a file that is renamed and written on, then it is read to its end, and the new one from its beginning', async () => {
  writeFileSync(path, '{"n":1}\n');
  const world = await follow([
    () => renameSync(path, `${path}.1`),
    add('{"n":2}\n', join(root, 'app.log.1')),
    add('{"n":3}\n'),
    add('{"n":4}\n', join(root, 'app.log.1')),
  ]);
  expect(world.lines()).toEqual(lines(1, 2, 3, 4));
});

test('given a file that is renamed and removed between two looks, then nothing of it is lost', async () => {
  writeFileSync(path, '{"n":1}\n');
  const world = await follow([
    () => {
      add('{"n":2}\n')();
      renameSync(path, `${path}.1`);
      rmSync(`${path}.1`);
      add('{"n":3}\n')();
    },
  ]);
  expect(world.lines().sort()).toEqual(lines(1, 2, 3));
});

test('given a file that is renamed while nobody looks, then it is read to its end first', async () => {
  writeFileSync(path, '{"n":1}\n');
  const world = await follow([]);
  appendFileSync(path, '{"n":2}\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, '{"n":3}\n');
  await follow([], path, world);
  expect(world.lines()).toEqual(lines(1, 2, 3));
});

test.each([
  ['shorter than before', '{"n":4}\n'],
  ['longer than before', '{"n":4}\n{"n":5}\n{"n":6}\n{"n":7}\n'],
])('given a file that is cut off and written anew, %s, then it is read from its beginning', async (_, text) => {
  writeFileSync(path, '{"n":1}\n{"n":2}\n');
  const world = await follow([
    () => {
      truncateSync(path);
      appendFileSync(path, text);
    },
  ]);
  expect(world.lines()).toEqual([...lines(1, 2), ...text.trim().split('\n')]);
  expect(world.notes).toHaveLength(1);
});

test('given a folder and a pattern, then each file of them, new ones too, and no hidden ones', async () => {
  writeFileSync(join(root, 'a.log'), '{"n":1}\n');
  writeFileSync(join(root, 'b.txt'), '{"n":2}\n');
  writeFileSync(join(root, '.c.log'), '{"n":3}\n');
  const added = add('{"n":4}\n', join(root, 'd.log'));
  expect((await follow([added], join(root, '*.log'))).lines()).toEqual(lines(1, 4));
  expect((await follow([], root)).lines()).toEqual(lines(1, 2, 4));
});

test('given a file that is gone, then its place is forgotten, and a new one of its number is read', async () => {
  writeFileSync(path, '{"n":1}\n');
  const world = await follow([]);
  expect(world.positions.size).toBe(1);
  rmSync(path);
  await follow([], path, world);
  expect(world.positions.size).toBe(0);
});
