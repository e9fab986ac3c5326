import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadLettersFolder } from '../../shared/adapters/files/dead-letters-folder.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { describeDeadLetters } from './dead-letters.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'twinstream-letters-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const records = Array.from({ length: 6 }, (_, i) => ({
  sequenceNumber: String(98 + i),
  lane: String(i % 2),
  arrivedAtMs: 1_000 + i,
  data: Buffer.from([i, 0xff]),
}));
const make = async () => {
  const letters = deadLettersFolder({ store: folder({ root }) });
  let buriedAtMs = 5_000;
  return {
    letters,
    records,
    shard: 'shard-000000000001',
    bury: (consumer: 'aggregate' | 'archive' | 'materialize' | 'index-entities', from: number, to: number) =>
      letters.add({
        consumer,
        shard: 'shard-000000000001',
        reason: 'retries',
        attempts: 3,
        error: 'no',
        buriedAtMs: buriedAtMs++,
        contents: records.slice(from, to),
      }),
  };
};
describeDeadLetters(make);

test('the same records buried again, as after a crash, are one letter', async () => {
  const { letters, bury } = await make();
  await bury('archive', 0, 2);
  await bury('archive', 0, 2);
  expect(await letters.list()).toHaveLength(1);
});

test('a stored letter keeps its form, so that the files of older versions are read', async () => {
  const { letters, bury } = await make();
  await bury('archive', 0, 1);
  const [letter] = await letters.list();
  const { contents } = JSON.parse(await readFile(join(root, 'dead-letters', `${letter?.id}.json`), 'utf8'));
  expect(contents).toEqual([{ sequenceNumber: '98', partitionKey: '0', arrivedAtMs: 1_000, data: 'AP8=' }]);
});
