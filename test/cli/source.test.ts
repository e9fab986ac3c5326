import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batchesOf, sourceOf } from '../../cli/feed/source.ts';

// Files in batches: whole rows of CSV, each batch with the names of the fields.

const folder = mkdtempSync(join(tmpdir(), 'twinstream-feed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = async (name: string, text: string, afterLine = 0): Promise<Batch[]> => {
  const path = join(folder, name);
  writeFileSync(path, text);
  const batches: Batch[] = [];
  for await (const batch of batchesOf(sourceOf(path), afterLine)) batches.push(batch);
  return batches;
};
const rows = (n: number) => Array.from({ length: n }, (_, i) => `${i},a`);

test('given CSV of more rows than a batch, then each has the names: the first as its first line, the others beside their lines', async () => {
  const batches = await read('data.csv', ['n,text', ...rows(1_200)].join('\n'));
  expect(batches.map(({ fromLine, lines, header }) => [fromLine, lines.length, header])).toEqual([
    [0, 500, null],
    [500, 500, 'n,text'],
    [1000, 201, 'n,text'],
  ]);
  expect(batches.flatMap(({ lines }) => lines)).toEqual(['n,text', ...rows(1_200)]);
});

test('given a place to go on from, then the names come along', async () => {
  expect(await read('data.csv', ['n,text', ...rows(3)].join('\n'), 2)).toMatchObject([{ fromLine: 2, lines: ['1,a', '2,a'], header: 'n,text' }]);
});

test('given a cell over several lines at the end of a batch, then its row stays whole', async () => {
  const text = ['n,text', ...rows(498), '498,"a ""quoted""', 'b', 'c"', '499,d'].join('\n');
  expect((await read('cells.csv', text)).map(({ lines }) => [lines.length, lines.at(-1)])).toEqual([
    [502, 'c"'],
    [1, '499,d'],
  ]);
});

test('given lines of JSON, then there are no names', async () => {
  expect(await read('data.ndjson', '{"a":"\\""}\n{}\n')).toMatchObject([{ fromLine: 0, lines: ['{"a":"\\""}', '{}'], header: null }]);
});
