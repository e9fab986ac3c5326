// What a million events take on disk, store by store and table by table. It feeds as a live source does, in small bodies at a
// steady rate, lets everything be taken, published and indexed, stops the host, and counts the bytes of its folder.
// EVENTS=200000 RATE=4000 npm run bench -- disk
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, sizeOf, sleep, until } from './support/bench.ts';
import { bytesOf } from './support/bytes-of.ts';
import { sampleEdits } from './support/edits.ts';
import { recomputed } from './support/hits-host.ts';

const EVENTS = sizeOf('EVENTS', 200_000, 2_000);
/** Events a second. */
const RATE = sizeOf('RATE', 4_000, 4_000);
const BATCH = 100;
/** The last changes of entities reach the index within a poll. */
const POLL_MS = 3_000;

/** Fills a folder through a host, and stops it. Returns the bytes of the bodies. */
const fill = async (path: string): Promise<number> => {
  const edit = sampleEdits();
  const host = await startHost({ DATA_DIR: path, EPOCH: '10s', RECOMPUTE_EVERY: '10s', LOG_LEVEL: 'warn' });
  try {
    const from = new Date().toISOString().slice(0, 10);
    const to = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const startedAt = performance.now();
    let inputBytes = 0;
    for (let made = 0; made < EVENTS; made += BATCH) {
      const early = startedAt + (made / RATE) * 1_000 - performance.now();
      if (early > 0) await sleep(early);
      const time = new Date().toISOString();
      const body = `${Array.from({ length: BATCH }, (_, i) => edit(made + i, time)).join('\n')}\n`;
      inputBytes += body.length;
      const { status } = await host.post('/events/edit', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': `disk-${made}` });
      demand('A post of edits', status, 202);
    }
    await recomputed(host);
    const { json } = await host.get<{ edits: number }>(`/metrics/edits?from=${from}&to=${to}&every=all&measures=edits`);
    demand('Edits in the answer', json.rows[0]?.edits, EVENTS);
    let indexBytes = -1;
    await until(
      'a search index that does not grow',
      async () => {
        const before = indexBytes;
        indexBytes = bytesOf(join(path, 'search.db'));
        return indexBytes === before;
      },
      POLL_MS,
    );
    await host.stop();
    return inputBytes;
  } finally {
    await host.kill();
  }
};

const filesOf = (path: string): number => readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

const take = (path: string, inputBytes: number): readonly Figure[] => {
  const mb = (what: string, bytes: number): Figure => ({ what, value: bytes / EVENTS, unit: 'MB a million events' });
  const figures = [mb('as posted', inputBytes)];
  for (const name of ['log', 'views', 'entities', 'search']) {
    const file = join(path, `${name}.db`);
    figures.push(mb(`${name}.db`, bytesOf(file)), mb(`${name}.db-wal`, bytesOf(`${file}-wal`)));
    const database = new Database(file);
    const tables = database.prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 8').all() as {
      name: string;
      bytes: number;
    }[];
    for (const table of tables) if (table.bytes > 0.01 * bytesOf(file)) figures.push(mb(`  ${table.name}`, table.bytes));
    const [{ free, pageSize }] = database
      .prepare('SELECT (SELECT freelist_count FROM pragma_freelist_count) AS free, (SELECT page_size FROM pragma_page_size) AS pageSize')
      .all() as [{ free: number; pageSize: number }];
    figures.push(mb('  free pages', free * pageSize));
    if (name === 'views') for (const { kind, bytes } of cellsOf(database)) figures.push(mb(`  of cells: ${kind}`, bytes));
    if (name === 'entities') {
      const [{ entities, changes }] = database.prepare('SELECT count(*) AS entities, sum(version) AS changes FROM entities').all() as [
        { entities: number; changes: number },
      ];
      figures.push(
        { what: '  an entity', value: bytesOf(file) / entities, unit: 'bytes' },
        { what: '  an entity in search.db', value: bytesOf(join(path, 'search.db')) / entities, unit: 'bytes' },
        { what: '  changes of an entity', value: changes / entities, unit: '' },
      );
    }
    database.close();
  }
  const lake = join(path, 'lake');
  figures.push(mb('lake', bytesOf(lake)));
  for (const name of readdirSync(lake))
    figures.push(mb(`  ${name}`, bytesOf(join(lake, name))), { what: '    files', value: filesOf(join(lake, name)), unit: '' });
  return [...figures, mb('everything', bytesOf(path))];
};

/** By the kind of item, which a partition's name begins with. */
function cellsOf(database: Database.Database) {
  return database
    .prepare(
      `SELECT CASE WHEN instr(partition, '#') > 0 THEN substr(partition, 1, instr(partition, '#') - 1) ELSE partition END || CASE WHEN expires_at_ms IS NULL THEN '' ELSE ', expiring' END AS kind,
       sum(length(partition) + length(sort) + length(version) + length(body)) AS bytes, count(*) AS rows FROM cells GROUP BY 1 ORDER BY 2 DESC LIMIT 12`,
    )
    .all() as { kind: string; bytes: number; rows: number }[];
}

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  // FOLDER keeps what was filled.
  const path = process.env.FOLDER ?? temporary.path;
  const inputBytes = await fill(path);
  const figures = take(path, inputBytes);
  temporary.remove();
  return { figures, raw: { events: EVENTS, inputBytes } };
});
