import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileSource } from '../../agent/sources/file.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { allOf, shaper } from './taken.ts';

// Files in chunks: whole records, each with its place, so that a restart continues, and the same file again has the same ids.

const folder = temporaryFolder();
afterAll(folder.remove);
const write = (name: string, text: string | Buffer): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};
const source = (path: string, format: 'ndjson' | 'csv' | 'json' = 'ndjson') => fileSource({ path, identity: path, shaper: shaper({ format }) });
const numbered = (n: number) => Array.from({ length: n }, (_, i) => `{"n":${i}}`);

test('given more lines than a chunk, then blank lines and line ends are left out, and nothing else', async () => {
  const path = write('lines.ndjson', `\ufeff${numbered(1_200).join('\r\n\n')}`);
  const { chunks, lines } = await allOf(source(path));
  expect(chunks.map(({ events }) => events)).toEqual([500, 500, 200]);
  expect(lines()).toEqual(numbered(1_200));
});

test.each([
  ['plain', 'a.ndjson', (text: string) => text],
  ['zipped', 'a.ndjson.gz', (text: string) => gzipSync(text)],
])('given a %s file that was read in part, then it continues after that, with the same ids as at once', async (_, name, content) => {
  const path = write(name, content(`${numbered(1_300).join('\n')}\n`));
  const whole = await allOf(source(path));
  const first = whole.chunks[0];
  if (first?.position == null) throw new Error('Expected a chunk');
  const rest = await allOf(source(path), new Map([[first.stream, first.position]]));
  expect(rest.chunks.map(({ ids, events }) => [ids, events])).toEqual(whole.chunks.slice(1).map(({ ids, events }) => [ids, events]));
  expect(rest.lines()).toEqual(numbered(1_300).slice(500));
  const end = await allOf(source(path), whole.positions);
  expect(end.chunks).toEqual([]);
});

test('given a file that was replaced, then it is read from its beginning, and says so', async () => {
  const path = write('replaced.ndjson', `${numbered(3).join('\n')}\n`);
  const { positions } = await allOf(source(path));
  write('replaced.ndjson', '{"other":1}\n{"n":1}\n{"n":2}\n{"n":3}\n');
  const again = await allOf(source(path), positions);
  expect(again.lines()).toEqual(['{"other":1}', '{"n":1}', '{"n":2}', '{"n":3}']);
  expect(again.notes).toHaveLength(1);
});

test('given lines that were added, then only those are read', async () => {
  const path = write('grown.ndjson', '{"n":0}\n');
  const { positions } = await allOf(source(path));
  appendFileSync(path, '{"n":1}\n{"n":2}');
  expect((await allOf(source(path), positions)).lines()).toEqual(['{"n":1}', '{"n":2}']);
});

test('given the same lines twice in a file, then they have ids of their own', async () => {
  const path = write('twice.ndjson', '{}\n'.repeat(1_000));
  const { chunks } = await allOf(source(path));
  expect(new Set(chunks.map(({ ids }) => ids?.key)).size).toBe(2);
});

test('given CSV, then rows are whole, and each chunk has the names, also after a restart', async () => {
  const rows = [...Array.from({ length: 499 }, (_, i) => `${i},a`), '499,"a ""quoted""\nb\nc"', '500,d'];
  const path = write('cells.csv', ['n,text', ...rows].join('\n'));
  const whole = await allOf(source(path, 'csv'));
  expect(whole.chunks.map(({ events, header }) => [events, header])).toEqual([
    [500, 'n,text'],
    [1, 'n,text'],
  ]);
  expect(whole.chunks[0]?.body.toString().endsWith('499,"a ""quoted""\nb\nc"\n')).toBe(true);
  const [first] = whole.chunks;
  if (first?.position == null) throw new Error('Expected a chunk');
  const rest = await allOf(source(path, 'csv'), new Map([[first.stream, first.position]]));
  expect(rest.chunks).toMatchObject([{ header: 'n,text', events: 1 }]);
});

test('given JSON, an array or objects over several lines, then each object is a line', async () => {
  const path = write('array.json', '[\n  { "a": "}\\"{",\n "b": [{}] },\n {"a": 2}\n]\n');
  expect((await allOf(source(path, 'json'))).lines()).toEqual(['{ "a": "}\\"{",  "b": [{}] }', '{"a": 2}']);
});

test('given a line of more than a megabyte, then its beginning is sent, which the server rejects, and the rest of the file', async () => {
  const path = write('long.ndjson', `{"n":0}\n{"x":"${'y'.repeat(3_000_000)}"}\n{"n":1}\n`);
  const lines = (await allOf(source(path))).lines();
  expect([lines[0], lines[1]?.length, lines[2]]).toEqual(['{"n":0}', 65_536, '{"n":1}']);
});

test('given a file that is not there, then it says so', async () => {
  await expect(allOf(source(join(folder.path, 'gone')))).rejects.toThrow('no such file');
});
