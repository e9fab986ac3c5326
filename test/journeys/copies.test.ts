import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { JOURNEY_SHARDS } from '../support/long.ts';
import { DAY, recompute, sampleEdits, settle } from '../support/sample.ts';
import { script } from '../support/script.ts';
import { until } from '../support/until.ts';

// Each sentence of "Copy, move, restore" in docs/operations.md.
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const env = { EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
const hosts: Host[] = [];
const start = async (name: string): Promise<Host> => {
  const host = await startHost({ ...env, DATA_DIR: at(name) });
  hosts.push(host);
  return host;
};
afterAll(async () => {
  for (const host of hosts) await host.kill();
  folder.remove();
});
const edits = sampleEdits();
const post = async (host: Host, from: number, to: number): Promise<void> => {
  const body = edits
    .slice(from, to)
    .map((edit) => JSON.stringify(edit))
    .join('\n');
  const { status } = await host.post('/events/edit', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': `${from}-${to}` });
  expect(status).toBe(202);
};
const counted = async (host: Host, name: string) => {
  await settle(host, name);
  return (await host.get<{ edits: number }>(`/metrics/edits?${DAY}&every=all&measures=edits`)).json.rows[0]?.edits;
};

test('a clean stop leaves whole files: the databases without their -wal and -shm, with the rest of the folder, go on elsewhere', async () => {
  const host = await start('stopped');
  await post(host, 0, 300);
  expect((await recompute(host)).drift).toBe(0);
  await post(host, 300, 600);
  expect(await host.stop()).toBe(0);
  expect(existsSync(join(at('stopped'), 'owner.json'))).toBe(false);
  for (const name of readdirSync(at('stopped')).filter((file) => file.endsWith('-wal'))) expect(statSync(join(at('stopped'), name)).size).toBe(0);

  const documented = ['log.db', 'views.db', 'entities.db', 'search.db', 'lake', 'seal.json', 'tokens.json', 'access.json', 'feed', 'dead-letters'];
  mkdirSync(at('moved'));
  for (const name of documented) if (existsSync(join(at('stopped'), name))) cpSync(join(at('stopped'), name), join(at('moved'), name), { recursive: true });
  const moved = await start('moved');
  expect(await counted(moved, 'moved')).toBe(600);
  await post(moved, 600, 700);
  expect(await counted(moved, 'goes on')).toBe(700);
  expect((await recompute(moved)).drift).toBe(0);
  expect(await moved.stop()).toBe(0);
});

test('after a kill, a copy of everything goes on', async () => {
  const host = await start('killed');
  await post(host, 0, 500);
  await host.kill();
  cpSync(at('killed'), at('killed-copy'), { recursive: true });
  expect(await counted(await start('killed-copy'), 'killed')).toBe(500);
});

test('a copy that is cut off is refused by name, and the next one takes its place; the whole one goes on, and events sent again count once', async () => {
  const host = await start('live');
  await post(host, 0, 1_000);
  await settle(host, 'live');
  const first = script('scripts/backup.mjs', [at('copy')], { DATA_DIR: at('live') });
  let isOver = false;
  void first.ended.then(() => {
    isOver = true;
  });
  await until(() => isOver || existsSync(join(at('copy.part'), 'unfinished-copy')));
  first.kill();
  const { code } = await first.ended;
  if (code === null) {
    expect(existsSync(at('copy'))).toBe(false);
    await expect(startHost({ ...env, DATA_DIR: at('copy.part') })).rejects.toThrow(
      /ended with 1:[\s\S]*copy\.part is an incomplete copy\. Remove it, and copy again/,
    );
    // It cannot be copied further either.
    renameSync(at('copy.part'), at('half'));
    expect(await script('scripts/backup.mjs', [at('of-half')], { DATA_DIR: at('half') }).ended).toMatchObject({ code: 1 });
    cpSync(at('half'), at('copy.part'), { recursive: true });
  } else rmSync(at('copy'), { recursive: true });

  expect(await script('scripts/backup.mjs', [at('copy')], { DATA_DIR: at('live') }).ended).toMatchObject({ code: 0 });
  expect(existsSync(at('copy.part'))).toBe(false);
  expect(readdirSync(at('copy')).filter((name) => /^(owner|reserve|tmp|unfinished)/.test(name))).toEqual([]);
  await post(host, 1_000, 1_100);
  await host.kill();
  // The copy lacks what was acknowledged since; whoever sends it again loses nothing.
  const copy = await start('copy');
  expect(await counted(copy, 'copy')).toBe(1_000);
  await post(copy, 0, 1_000);
  await post(copy, 1_000, 1_100);
  expect(await counted(copy, 'sent again')).toBe(1_100);
  expect((await recompute(copy)).drift).toBe(0);
});

test('a copy is never made into the folder itself, nor over another', async () => {
  const into = (target: string) => script('scripts/backup.mjs', [target], { DATA_DIR: at('copy') }).ended;
  expect(await into(join(at('copy'), 'inside'))).toMatchObject({ code: 1, printed: expect.stringContaining('Expected a folder outside of') });
  expect(await into(at('killed-copy'))).toMatchObject({ code: 1, printed: expect.stringContaining('Expected an empty folder, or none, to copy into') });
  mkdirSync(join(at('mine.part'), 'x'), { recursive: true });
  expect(await into(at('mine'))).toMatchObject({ code: 1, printed: expect.stringContaining('Remove it first') });
});
