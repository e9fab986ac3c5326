// From `npm start` to listening: an empty folder, and one with entities and a GB of data, whose answers are checked.
// ENTITIES=100000 MB=1000 TIMES=7 npm run bench -- start
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startHost } from '../testing/host.ts';
import { environmentOf } from '../testing/host-process.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { alternate, bench, demand, median, quantile, sizeOf, until } from './support/bench.ts';
import { bytesOf } from './support/bytes-of.ts';

const ENTITIES = sizeOf('ENTITIES', 100_000, 500);
const MB = sizeOf('MB', 1_000, 2);
const TIMES = sizeOf('TIMES', 7, 1);
const MOST_S = 1;
const BATCH = 500;
/** Of an event that is to take room: text that does not compress. */
const FILLER_BYTES = 6_000;

const REST = { channel: '#bench', namespace: 'Main', user: 'somebody', added: 1, deleted: 0, delta: 1 };
const FLAGS = { isAnonymous: false, isMinor: false, isNew: false, isRobot: false, isUnpatrolled: false };
const edit = (page: string, more: object = {}): string => JSON.stringify({ time: new Date().toISOString(), page, ...REST, ...FLAGS, ...more });

/** Fills a folder through a host, and stops it. */
const fill = async (path: string): Promise<void> => {
  const host = await startHost({ DATA_DIR: path, EPOCH: '10s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn' });
  let sent = 0;
  const post = async (lines: readonly string[]): Promise<void> => {
    const { status } = await host.post('/events/edit', `${lines.join('\n')}\n`, { 'content-type': 'application/x-ndjson' });
    demand('A post of edits', status, 202);
    sent += lines.length;
  };
  for (let n = 0; n < ENTITIES; n += BATCH) await post(Array.from({ length: Math.min(BATCH, ENTITIES - n) }, (_, i) => edit(`page ${n + i}`)));
  for (let left = MB * 1e6; left > 0; left -= BATCH * FILLER_BYTES)
    await post(Array.from({ length: BATCH }, (_, i) => edit(`page ${i}`, { cityName: randomBytes((FILLER_BYTES * 3) / 4).toString('base64') })));
  await until('every entity in a search', async () => (await host.get('/entities/page?limit=1')).json.total === ENTITIES);
  const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await until(
    'every edit in the answer',
    async () => (await host.get<{ edits: number }>(`/metrics/edits?from=${from}&to=now&every=all`)).json.rows[0]?.edits === sent,
    500,
  );
  await host.stop();
};

/** Seconds until it says that it listens; then it is asked how it is, and stopped. */
const started = async (path: string): Promise<number> => {
  const from = performance.now();
  const host = spawn('npm', ['start'], { env: environmentOf({ DATA_DIR: path, PORT: '0' }), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => host.on('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = /listens on (http:\/\/[\w.:[\]]+)/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    host.on('exit', () => reject(new Error(`Expected the host to listen, it printed:\n${text}`)));
  });
  const s = (performance.now() - from) / 1_000;
  demand('GET /health', (await fetch(`${url}/health`)).status, 200);
  host.kill('SIGTERM');
  await ended;
  return s;
};

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  // FOLDER keeps what was filled for the next run.
  const full = process.env.FOLDER ?? join(temporary.path, 'full');
  const empty = join(temporary.path, 'empty');
  if (!existsSync(full)) await fill(full);
  const mb = bytesOf(full) / 1e6;
  // The first start bundles the sources.
  const first = await started(empty);
  await started(full);
  const raw = await alternate(TIMES, { empty: () => started(empty), full: () => started(full) });
  temporary.remove();
  const figures = Object.entries(raw).flatMap(([name, seconds]) => {
    const what = name === 'empty' ? 'npm start to listening, an empty folder' : `npm start to listening, ${ENTITIES} entities and ${Math.round(mb)} MB`;
    const sorted = [...seconds].sort((a, b) => a - b);
    return [
      { what: `${what}: median`, value: median(seconds), unit: 's', most: MOST_S },
      { what: `${what}: slowest`, value: quantile(sorted, 1), unit: 's' },
    ];
  });
  return { figures, raw: { ...raw, first, mb } };
});
