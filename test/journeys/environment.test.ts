import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { isLong, JOURNEY_SHARDS, some } from '../support/long.ts';
import { DAY, recompute, sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const disk = join(folder.path, 'disk');
mkdirSync(disk);
const DISK_MB = isLong ? 500 : 250;
/** A small disk of its own, where that is allowed (Linux, as root, or as root of a container). */
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk]).status === 0;
const hosts: Host[] = [];
const start = async (env: Parameters<typeof startHost>[0]): Promise<Host> => {
  const host = await startHost(env);
  hosts.push(host);
  return host;
};
afterAll(async () => {
  for (const host of hosts) await host.kill();
  if (isMounted) spawnSync('umount', [disk]);
  folder.remove();
});

/** `node scripts/backup.mjs TO`, as somebody types it. */
const backup = (to: string, from: string): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/backup.mjs', to], { env: { ...process.env, DATA_DIR: from } });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    child.on('close', (code) => resolve({ code, printed }));
  });

/** Many runs of the batch layer meet what happens to the folder. */
const RECOMPUTE_EVERY = isLong ? '1s' : '4s';
const NDJSON = { 'content-type': 'application/x-ndjson' };
const edits = sampleEdits();
const BATCH = 500;
const lines = (batch: number) =>
  edits
    .slice(batch * BATCH, (batch + 1) * BATCH)
    .map((edit) => JSON.stringify(edit))
    .join('\n');
const totals = async (from: Host) => (await from.get<{ edits: number }>(`/metrics/edits?${DAY}&every=all&measures=edits,added,deleted`)).json?.rows?.[0];

/** Takes all the room that is left. */
const fill = (path: string): void => {
  const [file, zeros] = [openSync(path, 'w'), Buffer.alloc(1 << 20)];
  try {
    for (;;) writeSync(file, zeros);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
};

(isMounted ? test : test.skip)('a disk that is full: 503, nothing acknowledged is lost, and it goes on by itself once there is room', async () => {
  const ballast = join(disk, 'ballast');
  const env = { DATA_DIR: join(disk, 'data'), EPOCH: '1s', RECOMPUTE_EVERY, LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
  const host = await start(env);
  const post = async (batch: number): Promise<number> => (await host.post('/events/edit', lines(batch), { ...NDJSON, 'idempotency-key': `b${batch}` })).status;
  const taken: number[] = [];
  const statuses = new Set<number>();
  const ALL = isLong ? Math.ceil(edits.length / BATCH) : 12;
  // The host begins with some room, and then has none.
  for (let batch = 0, refused = 0; batch < ALL && refused < 10; batch++) {
    if (batch === 3) fill(ballast);
    const status = await post(batch);
    statuses.add(status);
    if (status === 202) taken.push(batch);
    else refused++;
  }
  expect([...statuses].sort()).toEqual([202, 503]);
  expect(host.printed()).toMatch(/full|ENOSPC|no space/i);
  rmSync(ballast);
  for (let batch = 0; batch < ALL; batch++) if (!taken.includes(batch)) await until(async () => (await post(batch)) === 202);
  await until(async () => (await host.get('/health')).status === 200);
  await settle(host, 'after the disk was full');
  const sent = edits.slice(0, ALL * BATCH);
  const expected = { edits: sent.length, added: sent.reduce((sum, { added }) => sum + added, 0), deleted: sent.reduce((sum, { deleted }) => sum + deleted, 0) };
  expect(await totals(host)).toMatchObject(expected);
  expect((await recompute(host)).drift).toBe(0);
  expect(await totals(host)).toMatchObject(expected);
  expect(await host.stop()).toBe(0);
});

(isMounted ? test : test.skip)('a host that is started on a full disk answers, refuses events, says so, and takes them once there is room', async () => {
  const [ballast, data] = [join(disk, 'ballast'), join(disk, 'again')];
  const env = { DATA_DIR: data, EPOCH: '1s', RECOMPUTE_EVERY, LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
  const post = (to: Host, batch: number) => to.post('/events/edit', lines(batch), { ...NDJSON, 'idempotency-key': `b${batch}` });
  const before = await start(env);
  for (let batch = 0; batch < 4; batch++) expect((await post(before, batch)).status).toBe(202);
  await settle(before, 'before the disk was full');
  await until(() => existsSync(join(data, 'reserve')) && statSync(join(data, 'reserve')).size === 16 * 1024 * 1024);
  const expected = await totals(before);
  // A host that was killed has write-ahead logs to read, and more to write than one that stopped.
  await before.kill();
  fill(ballast);

  const host = await start(env);
  expect(await totals(host)).toEqual(expected);
  const refused = await post(host, 4);
  expect([refused.status, refused.json.detail]).toEqual([503, 'The disk is full. Send the events again once there is room.']);
  const { status, json } = await host.get('/health');
  expect([status, json.parts.disk]).toEqual([503, { status: 'down', error: 'full', freeBytes: expect.any(Number) }]);
  rmSync(ballast);
  await until(async () => (await post(host, 4)).status === 202);
  await until(async () => (await host.get('/health')).status === 200);
  await settle(host, 'since there is room');
  expect((await totals(host))?.edits).toBe(5 * BATCH);
  await until(() => existsSync(join(data, 'reserve')));
  expect((await recompute(host)).drift).toBe(0);
  expect(await host.stop()).toBe(0);
});

test('a data folder that cannot be written: it says so, and ends', async () => {
  const locked = join(folder.path, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  // Root writes anywhere but where a file stands in place of the folder.
  const inTheWay = join(folder.path, 'file');
  writeFileSync(inTheWay, '');
  // The message ends it, without a stack.
  for (const path of process.getuid?.() === 0 ? [join(inTheWay, 'data')] : [locked, join(inTheWay, 'data')])
    await expect(startHost({ DATA_DIR: path, LOG_LEVEL: 'warn' })).rejects.toThrow(/ended with 1:[\s\S]*DATA_DIR: Expected a folder that can be written/);
});

test('a copy taken while events come in opens, answers, and goes on: nothing lost, nothing doubled', async () => {
  const live = join(folder.path, 'live');
  const env = { EPOCH: '1s', RECOMPUTE_EVERY, LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
  const source = await start({ ...env, DATA_DIR: live });
  const batches = isLong ? 40 : 8;
  let sent = 0;
  const feeding = (async () => {
    for (; sent < batches; sent++) {
      const { status } = await source.post('/events/edit', lines(sent), { ...NDJSON, 'idempotency-key': `b${sent}` });
      if (status !== 202) throw new Error(`Expected 202, got ${status}`);
    }
  })();
  const copies: { path: string; before: number; after: number }[] = [];
  for (const at of some([4, 16], 1)) {
    await until(() => sent >= at);
    const path = join(folder.path, `copy-${at}`);
    const before = sent;
    const { code, printed } = await backup(path, live);
    expect({ code, printed }).toMatchObject({ code: 0 });
    copies.push({ path, before, after: sent + 1 });
  }
  await feeding;
  await source.kill();

  const sums = (count: number) => {
    const some = edits.slice(0, count * BATCH);
    return { edits: some.length, added: some.reduce((sum, { added }) => sum + added, 0), deleted: some.reduce((sum, { deleted }) => sum + deleted, 0) };
  };
  expect(copies.some(({ before }) => before < batches)).toBe(true);
  for (const { path, before, after } of copies) {
    const copy = await start({ ...env, DATA_DIR: path });
    await settle(copy, `in ${path}`);
    const found = ((await totals(copy))?.edits ?? 0) / BATCH;
    expect([path, Number.isInteger(found), found >= before && found <= after]).toEqual([path, true, true]);
    expect(await totals(copy)).toMatchObject(sums(found));
    expect((await recompute(copy)).drift).toBe(0);
    expect(await totals(copy)).toMatchObject(sums(found));
    // Whoever sends everything again loses nothing, and doubles nothing.
    for (let batch = 0; batch < batches; batch++) await copy.post('/events/edit', lines(batch), { ...NDJSON, 'idempotency-key': `b${batch}` });
    await settle(copy, `sent again in ${path}`);
    expect(await totals(copy)).toMatchObject(sums(batches));
    expect((await recompute(copy)).drift).toBe(0);
    expect(await copy.stop()).toBe(0);
  }
  expect(await backup(live, live)).toMatchObject({ code: 1, printed: expect.stringContaining('Expected an empty folder') });
});
