import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

// The batch layer runs in a thread, and queries that explain a number in others, each over an instance of its own.
test('given two instances that spill at the same time, then neither touches the files of the other, and none are left', async () => {
  const root = join(folder.path, 'lake');
  mkdirSync(root);
  const temp = join(folder.path, 'tmp');
  const seen = new Set<string>();
  const look = setInterval(() => {
    for (const name of readdirSync(temp, { recursive: true })) if (String(name).includes('.tmp')) seen.add(String(name).split('/').slice(0, -1).join('/'));
  }, 5);
  const ROWS = 1_500_000;
  const sorted = () =>
    duckdb({ root, memoryBytes: 80 * 2 ** 20 }).rows(
      `SELECT count(*) AS n, sum(place) AS places FROM (SELECT row_number() OVER (ORDER BY md5(i::VARCHAR)) AS place, md5(i::VARCHAR) || i AS text FROM range(${ROWS}) t(i)) WHERE length(text) > 0`,
    );
  try {
    const expected = [{ n: ROWS, places: (ROWS * (ROWS + 1)) / 2 }];
    const answers = await Promise.all([sorted(), sorted()]);
    expect(answers.map((rows) => rows.map(({ n, places }) => ({ n: Number(n), places: Number(places) })))).toEqual([expected, expected]);
  } finally {
    clearInterval(look);
  }
  expect(seen.size).toBe(2);
  await until(() => readdirSync(temp).length === 0);
}, 60_000);
