import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { isLong } from '../support/long.ts';
import { DAY, recompute, sampleEdits, settle } from '../support/sample.ts';
import { script } from '../support/script.ts';
import { sls } from '../support/sls.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const dataDir = join(folder.path, 'data');
const env = { DATA_DIR: dataDir, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn' };
let host: Host;
const lines = sampleEdits()
  .slice(0, 400)
  .map((edit) => JSON.stringify(edit));
let sent = 0;
/** Each with an id of its own, so that a line in every lane is likely. */
const post = async (count: number): Promise<void> => {
  for (const line of lines.slice(sent, sent + count)) {
    const { status } = await host.post('/events/edit', line, { 'content-type': 'application/json', 'idempotency-key': `${sent++}` });
    expect(status).toBe(202);
  }
};
const counted = async () => (await host.get<{ edits: number }>(`/metrics/edits?${DAY}&every=all&measures=edits`)).json.rows[0]?.edits;
const openShards = async () => (await host.get('/health')).json.parts.log?.openShards;

beforeAll(async () => {
  host = await startHost({ ...env, SHARDS: '2' });
});
afterAll(async () => {
  await host.kill();
  folder.remove();
});

test('a second start on the folder of a host that runs, with other shards, is refused with its owner, and what is posted then is counted', async () => {
  await post(50);
  const before = readFileSync(join(dataDir, 'owner.json'), 'utf8');
  const { code, printed } = await script('scripts/twinstream.mjs', ['start'], { ...env, SHARDS: '3', PORT: new URL(host.url).port }).ended;
  expect(code).toBe(1);
  expect(printed.trim()).toMatch(
    new RegExp(
      `^FolderOwnedError: DATA_DIR: .+ belongs to process ${host.pid} \\(npm start\\), since \\d{4}-.+Z\\. Ask it at ${host.url}, stop it first, or use another DATA_DIR\\.$`,
    ),
  );
  expect(readFileSync(join(dataDir, 'owner.json'), 'utf8')).toBe(before);
  expect(await openShards()).toBe(2);
  await post(50);
  await settle(host, 'after a second start');
  expect(await counted()).toBe(100);
});

test('sls invoke local beside a host is refused with the owner where it would write, and in a long run reads; what is posted then is counted', async () => {
  const event = (name: string) => ['invoke', 'local', '-f', name, '-p', `test/events/${name}.json`];
  const shell = { DATA_DIR: dataDir, SHARDS: '4', LOG_LEVEL: 'warn' };
  // Each packages the whole service first.
  if (isLong) expect((await sls(event('query'), shell)).stdout).toContain('"statusCode": 200');
  const refused = await sls(event('ingest'), shell);
  expect(refused.stdout).toContain('"statusCode": 409');
  expect(refused.stdout).toContain(`belongs to process ${host.pid}`);
  expect(await openShards()).toBe(2);
  await post(100);
  await settle(host, 'after sls');
  expect(await counted()).toBe(200);
});

test('npm run reindex beside a host asks it', async () => {
  const { code, printed } = await script('scripts/twinstream.mjs', ['reindex', 'page'], env).ended;
  expect([code, printed.trim()]).toEqual([0, `The host at ${host.url} rebuilds page; its log shows the progress.`]);
  await until(async () => (await host.get<never>('/entities/page?limit=1')).json?.total !== undefined);
  expect((await host.post('/reindex', '{"entities":["nothing"]}')).status).toBe(404);
});

test('another program that holds a lock on the log holds up appends alone', async () => {
  const other = new Database(join(dataDir, 'log.db'));
  other.exec('BEGIN IMMEDIATE');
  const appended = host.post('/events/edit', lines[sent] as string, { 'content-type': 'application/json', 'idempotency-key': `${sent++}` });
  // Each is answered while it waits.
  for (let i = 0; i < 5; i++) expect((await host.get(`/metrics/edits?${DAY}&every=all`)).status).toBe(200);
  expect(await Promise.race([appended, 'waits'])).toBe('waits');
  other.exec('ROLLBACK');
  other.close();
  expect((await appended).status).toBe(202);
});

test('a host that was killed leaves nothing: half-written files, probes and bundles go at the next start, and the folder is its user’s alone', async () => {
  const bundles = join(process.cwd(), 'node_modules/.cache/twinstream');
  const bundle = `cli-${hostname().replace(/[^\w.]/g, '_')}-${host.pid}`;
  expect(readdirSync(bundles)).toContain(bundle);
  await host.kill();
  mkdirSync(join(dataDir, 'lake/raw/epoch=20261121T100000Z'), { recursive: true });
  const left = ['lake/raw/epoch=20261121T100000Z/x.ndjson.gz.1-0.part', 'dead-letters/y.json.1-0.part', '.probe-1'];
  mkdirSync(join(dataDir, 'dead-letters'), { recursive: true });
  for (const name of left) writeFileSync(join(dataDir, name), 'half');
  spawnSync('chmod', ['-R', 'u=rwX,go=rX', dataDir]);

  host = await startHost({ ...env, SHARDS: '2' });
  expect(left.filter((name) => existsSync(join(dataDir, name)))).toEqual([]);
  expect(readdirSync(bundles)).not.toContain(bundle);
  const open = readdirSync(dataDir, { recursive: true }).filter((name) => (statSync(join(dataDir, String(name))).mode & 0o077) !== 0);
  expect([open, statSync(dataDir).mode & 0o777]).toEqual([[], 0o700]);
  await settle(host, 'after the kill');
  expect(await counted()).toBe(sent);
});

test('given a clock that was once days ahead, then health says so, and a recompute holds what came before it', async () => {
  expect(await host.stop()).toBe(0);
  // Its last record came three days from now, and no clean stop says otherwise.
  rmSync(join(dataDir, 'seal.json'));
  const file = new Database(join(dataDir, 'log.db'));
  file.exec(`UPDATE records SET arrived_at_ms = ${Date.now() + 3 * 86_400_000}, crc = NULL WHERE sequence = (SELECT max(sequence) FROM records)`);
  file.close();
  host = await startHost({ ...env, SHARDS: '2' });
  await post(20);
  const { aheadMs, warning } = (await host.get('/health')).json.parts.log as { aheadMs?: number; warning?: string };
  expect(aheadMs).toBeGreaterThan(2 * 86_400_000);
  expect(warning).toContain('The clock was ahead');
  expect((await recompute(host)).drift).toBe(0);
  const answer = await host.get<{ edits: number }>(`/metrics/edits?${DAY}&every=all&measures=edits`);
  expect([answer.json.rows[0]?.edits, answer.json.provenance.windows.speed]).toEqual([sent, 0]);
});

(process.platform === 'win32' ? test.skip : test)('a limit of open files that is too low is one sentence', () => {
  const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -n 64; exec "$0" scripts/twinstream.mjs start', process.execPath], {
    env: { ...process.env, DATA_DIR: join(folder.path, 'none') },
    encoding: 'utf8',
  });
  expect([status, stderr.trim()]).toEqual([1, 'Expected a limit of at least 256 open files, got 64: ulimit -n 4096']);
});
