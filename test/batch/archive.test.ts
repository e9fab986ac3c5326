import { gunzipSync } from 'node:zlib';
import { writeRaw } from '../../shared/batch/archive.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import { random } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());
const EPOCH_MS = Date.parse('2026-11-21T10:00:00.000Z');

test('given more lines than one gzip member holds, then the file has all of them in order, each with its place in the log', async () => {
  const { next } = random(7);
  const lines = Array.from({ length: 3_000 }, (_, i) => JSON.stringify({ id: `é${i}`, noise: Array.from({ length: 40 }, () => next()) }));
  const records = [lines.slice(0, 1_500), [], lines.slice(1_500)].flatMap((some, i) =>
    encodeRecords(some).map((data, part) => ({ sequenceNumber: `${i + 1}${part}`, epochMs: EPOCH_MS, data })),
  );
  const store = scratchFolder({ root: folder.path });
  const files = await writeRaw(store, 's', records, '0');
  expect(files).toMatchObject([{ epochMs: EPOCH_MS, lines: 3_000 }]);
  const file = Buffer.from((await store.get(files[0]?.key ?? '')) ?? []);
  expect(file.subarray(1).indexOf(Buffer.from([0x1f, 0x8b, 0x08]))).toBeGreaterThan(0);
  const stored = gunzipSync(file)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: string; line: number; event: unknown });
  expect(stored.map(({ event }) => JSON.stringify(event))).toEqual(lines);
  const places = stored.map(({ seq, line }) => `${seq} ${line}`);
  expect(new Set(places).size).toBe(3_000);
  expect(places.slice(0, 2)).toEqual(['10 0', '10 1']);
});

test('given records without lines, then no file is written', async () => {
  const store = scratchFolder({ root: folder.path });
  expect(
    await writeRaw(
      store,
      's',
      encodeRecords([]).map((data) => ({ sequenceNumber: '1', epochMs: EPOCH_MS, data })),
      '0',
    ),
  ).toEqual([]);
});
