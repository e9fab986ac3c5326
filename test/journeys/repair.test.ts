import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Body } from '../../testing/body.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { JOURNEY_SHARDS, some } from '../support/long.ts';
import { recompute, sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const data = join(folder.path, 'data');
const older = join(folder.path, 'older');
const ENV = { DATA_DIR: data, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
let host: Host | null = null;
let posted = 0;
const edits = sampleEdits();
afterAll(async () => {
  await host?.kill();
  folder.remove();
});

/** `npm run repair`, as somebody types it. */
const repair = (...args: readonly string[]): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/twinstream.mjs', 'repair', ...args], { env: { ...process.env, ...ENV } });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('close', (code) => resolve({ code, printed }));
  });
const post = async (name: string, many: number): Promise<void> => {
  const lines = edits.slice(posted, posted + many).map((edit) => JSON.stringify({ ...edit, channel: 'repair' }));
  const on = host as Host;
  const { status } = await on.post('/events/edit', `${lines.join('\n')}\n`, { 'content-type': 'application/x-ndjson', 'idempotency-key': `edits ${name}` });
  expect(status).toBe(202);
  posted += many;
};
const counted = async (): Promise<number | undefined> =>
  (await (host as Host).get<{ edits: number }>('/metrics/edits?from=2015-09-12&to=2015-09-13&every=all&measures=edits&filter[channel]=repair')).json?.rows?.[0]
    ?.edits;
/** Pages count every edit once; their total is what was posted. */
const inEntities = async (): Promise<number> => {
  let total = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json }: { json: Body<{ edits: number }> } = await (host as Host).get<{ edits: number }>(
      `/entities/page?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    for (const { entity } of json.hits) total += entity.edits;
    cursor = json.cursor;
  }
  return total - markers;
};
let markers = 0;
const MARKERS = 64;
const settled = async (name: string): Promise<void> => {
  await settle(host as Host, name);
  markers += MARKERS;
};
const drop = (file: string): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(join(data, file + end), { force: true });
};

/** An older copy of the folder, as a clean stop leaves it. */
const copyOlder = async (name: string): Promise<void> => {
  expect(await host?.stop()).toBe(0);
  expect(existsSync(join(data, 'seal.json'))).toBe(true);
  rmSync(older, { recursive: true, force: true });
  cpSync(data, older, { recursive: true });
  host = await startHost(ENV);
  await post(name, 100);
  await settled(name);
};

test('given a folder with history in both layers and in entities', async () => {
  host = await startHost(ENV);
  await post('first', 300);
  await settled('first');
  expect((await recompute(host)).drift).toBe(0);
  await post('second', 100);
  await settled('second');
  expect(await counted()).toBe(400);
  await until(async () => (await inEntities()) === 400);
}, 120_000);

const restored = (file: string): void => {
  drop(file);
  copyFileSync(join(older, file), join(data, file));
};
/** What is in the lake as well is not lost with the log. */
const archived = async (): Promise<void> => {
  const sinceMs = Date.now();
  await until(async () => Date.parse((await (host as Host).get('/health')).json.parts.archive?.through as string) > sinceMs);
};
const CHANGED = /not the file that the last stop left/;
type Harm = readonly [what: string, end: 'kill' | 'clean stop', file: string, harm: () => void, says: RegExp];
const HARMS: readonly Harm[] = [
  ['log.db is deleted', 'kill', 'log.db', () => drop('log.db'), /missing/],
  ['an older log.db is restored', 'clean stop', 'log.db', () => restored('log.db'), CHANGED],
  ['an older log.db is restored', 'kill', 'log.db', () => restored('log.db'), /older than the other files/],
  ['log.db is that of another folder', 'kill', 'log.db', () => copyFileSync(join(folder.path, 'other', 'log.db'), join(data, 'log.db')), /another log/],
  ['views.db is deleted', 'clean stop', 'views.db', () => drop('views.db'), /missing/],
  ['views.db is deleted', 'kill', 'views.db', () => drop('views.db'), /missing/],
  ['entities.db is deleted', 'kill', 'entities.db', () => drop('entities.db'), /missing/],
  ['an older entities.db is restored', 'kill', 'entities.db', () => restored('entities.db'), /older copy/],
];
// test/repair plays more, in this process.
test.each(some(HARMS, 1))(
  'given that %s after a %s, then a start names it, a repair makes all of it right, and what is sent after counts once',
  async (what, end, file, harm, says) => {
    if (what.includes('older')) await copyOlder(`before ${what} ${end}`);
    if (what.includes('another')) {
      mkdirSync(join(folder.path, 'other'));
      const other = await startHost({ ...ENV, DATA_DIR: join(folder.path, 'other') });
      await other.stop();
    }
    await archived();
    if (end === 'kill') await host?.kill();
    else expect(await host?.stop()).toBe(0);
    if (what.includes('another')) drop('log.db');
    harm();
    await expect(startHost(ENV)).rejects.toThrow(new RegExp(`${file.replace('.', '\\.')}: [^\\n]*(${says.source})[^]*npm run repair`));
    const { code, printed } = await repair();
    expect([code, printed]).toEqual([0, expect.stringContaining('Nothing was lost.')]);
    host = await startHost(ENV);
    expect(await counted()).toBe(posted);
    await post(`after ${what} ${end}`, 50);
    await settled(`after ${what} ${end}`);
    expect(await counted()).toBe(posted);
    await until(async () => (await inEntities()) === posted);
    expect((await recompute(host)).drift).toBe(0);
    expect(await counted()).toBe(posted);
  },
  120_000,
);

test('given a search.db that is damaged, then it is made anew at start, and said', async () => {
  await (host as Host).stop();
  writeFileSync(join(data, 'search.db'), 'no database');
  host = await startHost(ENV);
  expect(host.printed()).toMatch(/search\.db: .*rebuilt/);
  await until(async () => (await inEntities()) === posted);
}, 60_000);

test('given a host that runs, then no repair begins', async () => {
  expect(await repair()).toMatchObject({ code: 1, printed: expect.stringContaining((host as Host).url) });
  expect(await counted()).toBe(posted);
});

test('given a repair that was cut off, then no host starts until another one is done', async () => {
  await (host as Host).stop();
  writeFileSync(join(data, 'repairing.json'), JSON.stringify({ databases: ['log.db', 'views.db', 'entities.db', 'search.db'] }));
  mkdirSync(join(data, 'replaced'), { recursive: true });
  for (const name of ['log.db', 'views.db', 'entities.db', 'search.db']) rmSync(join(data, 'replaced', name), { force: true });
  await expect(startHost(ENV)).rejects.toThrow(/repair was interrupted/);
  expect((await repair('--dry-run')).printed).toContain('A repair was interrupted');
  expect((await repair()).code).toBe(0);
  host = await startHost(ENV);
  expect(await counted()).toBe(posted);
}, 60_000);
