import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../agent/ports/batch.ts';
import { fileSink } from '../../agent/sinks/file.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const batch = (text: string, header: string | null = null): Batch => ({ type: 'edit', header, key: 'k', at: 0, events: 1, body: Buffer.from(text) });

test('given a kill after a delivery that was not acknowledged, then the file is cut to what was, and the same lines are there once', async () => {
  const path = join(folder.path, 'out.ndjson');
  writeFileSync(path, 'before\n');
  const first = fileSink({ path });
  const begin = await first.open(null);
  const { state } = await first.deliver([batch('1\n'), batch('2\n')]);
  await first.deliver([batch('3\n')]);
  expect(readFileSync(path, 'utf8')).toBe('before\n1\n2\n3\n');
  await first.close();
  const second = fileSink({ path });
  await second.open(state);
  await second.deliver([batch('3\n')]);
  expect(readFileSync(path, 'utf8')).toBe('before\n1\n2\n3\n');
  await second.close();
  const third = fileSink({ path });
  await third.open(begin);
  expect(readFileSync(path, 'utf8')).toBe('before\n');
  await third.close();
});

test('given CSV, then its header is written once; given another form in the same file, then it is refused', async () => {
  const path = join(folder.path, 'out.csv');
  const sink = fileSink({ path });
  await sink.open(null);
  await sink.deliver([batch('1,2\n', 'a,b')]);
  await sink.deliver([batch('3,4\n', 'a,b')]);
  expect(readFileSync(path, 'utf8')).toBe('a,b\n1,2\n3,4\n');
  await expect(sink.deliver([batch('{}\n')])).rejects.toThrow('Use a file for each');
  await sink.close();
});
