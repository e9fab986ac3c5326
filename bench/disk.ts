// What a million events take on disk, store by store and table by table. It feeds as a live source does, in small bodies at a
// steady rate, lets everything be taken, published and indexed, stops the host, and counts the bytes of its folder.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'libsql';
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const EVENTS = Number(process.env.EVENTS ?? 200_000);
/** Events a second. */
const RATE = Number(process.env.RATE ?? 4_000);
const BATCH = 100;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const sample = gunzipSync(readFileSync(join(process.cwd(), 'examples/wikipedia-edits-2015-09-12.ndjson.gz')))
  .toString()
  .trim()
  .split('\n');
const lineOf = (i: number, time: string): string => {
  const line = sample[i % sample.length] as string;
  return `{"time":"${time}"${line.slice(line.indexOf(',"channel"'))}`;
};

const folder = temporaryFolder();
const host = await startHost({ DATA_DIR: folder.path, EPOCH: '10s', RECOMPUTE_EVERY: '10s', LOG_LEVEL: 'warn' });
let inputBytes = 0;
try {
  const from = new Date().toISOString().slice(0, 10);
  const to = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const startedAt = performance.now();
  for (let made = 0; made < EVENTS; made += BATCH) {
    const early = startedAt + (made / RATE) * 1_000 - performance.now();
    if (early > 0) await sleep(early);
    const time = new Date().toISOString();
    const body = `${Array.from({ length: BATCH }, (_, i) => lineOf(made + i, time)).join('\n')}\n`;
    inputBytes += body.length;
    const { status } = await host.post('/events/edit', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': `disk-${made}` });
    if (status !== 202) throw new Error(`Expected 202, got ${status}`);
  }
  await host.post('/recompute', '');
  const published = async () => (await host.get('/generations')).json.generations.every(({ state }) => state === 'published');
  while (!(await published())) await sleep(500);
  const { json } = await host.get<{ edits: number }>(`/metrics/edits?from=${from}&to=${to}&every=all&measures=edits`);
  if (json.rows[0]?.edits !== EVENTS) throw new Error(`Expected ${EVENTS} events in the answer, got ${json.rows[0]?.edits}`);
  // The last changes of entities reach the index within a poll.
  const lastBytes = { now: -1, before: -2 };
  while (lastBytes.now !== lastBytes.before) {
    lastBytes.before = lastBytes.now;
    await sleep(3_000);
    lastBytes.now = bytesOf(join(folder.path, 'search.db'));
  }
  await host.stop();
  report();
} finally {
  await host.kill();
  if (process.env.LEAVE === undefined) folder.remove();
  else console.log(folder.path);
}

function bytesOf(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0) : stat.size;
}
function filesOf(path: string): number {
  return existsSync(path) ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length : 0;
}

function report(): void {
  const perMillion = (bytes: number) => `${(((bytes / EVENTS) * 1e6) / 1e6).toFixed(1).padStart(8)} MB`;
  const line = (name: string, bytes: number, more = '') => console.log(`${name.padEnd(34)} ${perMillion(bytes)}  ${more}`);
  console.log(`${EVENTS.toLocaleString('en-US')} events at ${RATE.toLocaleString('en-US')}/s in bodies of ${BATCH}; a million takes:`);
  line('as posted', inputBytes);
  for (const name of ['log', 'views', 'entities', 'search']) {
    const path = join(folder.path, `${name}.db`);
    line(`${name}.db`, bytesOf(path), `-wal ${perMillion(bytesOf(`${path}-wal`)).trim()}`);
    const database = new Database(path);
    const tables = database.prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 8').all() as {
      name: string;
      bytes: number;
    }[];
    for (const table of tables) if (table.bytes > 0.01 * bytesOf(path)) line(`  ${table.name}`, table.bytes);
    const [{ pages, free }] = database
      .prepare('SELECT (SELECT page_count FROM pragma_page_count) AS pages, (SELECT freelist_count FROM pragma_freelist_count) AS free')
      .all() as [{ pages: number; free: number }];
    line('  free pages', free * 4_096, `of ${pages}`);
    if (name === 'views') for (const { kind, bytes, rows } of cellsOf(database)) line(`  of it ${kind}`, bytes, `${rows} rows`);
    if (name === 'entities') {
      const [{ entities, changes }] = database.prepare('SELECT count(*) AS entities, sum(version) AS changes FROM entities').all() as [
        { entities: number; changes: number },
      ];
      console.log(
        `  ${entities} entities of ${Math.round(bytesOf(path) / entities)} bytes, written ${changes} times; ${Math.round(bytesOf(join(folder.path, 'search.db')) / entities)} bytes each in search.db`,
      );
    }
    database.close();
  }
  line('lake', bytesOf(join(folder.path, 'lake')), `${filesOf(join(folder.path, 'lake'))} files`);
  for (const name of readdirSync(join(folder.path, 'lake'))) {
    const path = join(folder.path, 'lake', name);
    line(`  ${name}`, bytesOf(path), `${filesOf(path)} files`);
  }
  line('everything', bytesOf(folder.path), `${filesOf(folder.path)} files`);
}

/** By the kind of item, which a partition's name begins with. */
function cellsOf(database: Database.Database) {
  return database
    .prepare(
      `SELECT CASE WHEN instr(partition, '#') > 0 THEN substr(partition, 1, instr(partition, '#') - 1) ELSE partition END || CASE WHEN expires_at_ms IS NULL THEN '' ELSE ', expiring' END AS kind,
       sum(length(partition) + length(sort) + length(version) + length(body)) AS bytes, count(*) AS rows FROM cells GROUP BY 1 ORDER BY 2 DESC LIMIT 12`,
    )
    .all() as { kind: string; bytes: number; rows: number }[];
}
