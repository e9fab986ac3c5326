import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { feed } from '../support/host.ts';
import { isLong, JOURNEY_PIPELINE } from '../support/long.ts';
import { answersOf, DAY, recompute, SAMPLE, settle } from '../support/sample.ts';

const folder = temporaryFolder();
let host: Host | null = null;
afterAll(async () => {
  await host?.kill();
  folder.remove();
});

test('given more shards, then fewer, between starts, then every event is counted once, and the batch layer agrees', async () => {
  const env = { PIPELINE: JOURNEY_PIPELINE, DATA_DIR: join(folder.path, 'data'), EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn' };
  const lines = gunzipSync(readFileSync(SAMPLE)).toString().trim().split('\n');
  const many = isLong ? 1_000 : 200;
  const parts = [lines.slice(0, 5 * many), lines.slice(5 * many, 9 * many), lines.slice(9 * many, 12 * many)];
  let fed = 0;
  for (const [i, shards] of ['2', '4', '1'].entries()) {
    host = await startHost({ ...env, SHARDS: shards });
    const file = join(folder.path, `part-${i}.ndjson`);
    writeFileSync(file, `${parts[i]?.join('\n')}\n`);
    expect((await feed([file, '--url', host.url], env).ended).code).toBe(0);
    fed += parts[i]?.length ?? 0;
    // The first shards still hold records when their children begin.
    if (i === 0) await host.kill();
    else {
      await settle(host, `on ${shards} shards`);
      expect((await host.get(`/metrics/edits?${DAY}&every=all&measures=edits`)).json.rows[0]?.edits).toBe(fed);
      expect((await host.get('/health')).json.parts.log?.openShards).toBe(Number(shards));
      if (i === 1) expect((await recompute(host)).drift).toBe(0);
      if (i === 1) expect(await host.stop()).toBe(0);
    }
    rmSync(file);
  }
  const before = await answersOf(host as Host);
  expect((await recompute(host as Host)).drift).toBe(0);
  const after = await answersOf(host as Host);
  expect(after.map(({ json }) => json.rows)).toEqual(before.map(({ json }) => json.rows));
  expect(after[0]?.json.provenance.windows.speed).toBe(0);
});
