// A generation of one day of events, in a fresh process: its time, CPU and the most memory that it takes, by a limit for the
// engine. One event in a hundred is sent again. Ends with 1 if the views do not hold each event once.
// EVENTS=1000000 MEMORY_MB=1024 npm run bench -- batch
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { folder } from '../shared/adapters/files/folder.ts';
import { writeRaw } from '../shared/batch/archive.ts';
import { build } from '../shared/batch/build.ts';
import { EMPTY_MANIFEST } from '../shared/batch/manifest.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { batchLayer, HOUR } from './support/batch-layer.ts';

const EVENTS = Number(process.env.EVENTS ?? 1_000_000);
const MEMORY_MB = Number(process.env.MEMORY_MB ?? 1_024);
const EPOCHS = 20;
const TODAY = Date.parse('2026-11-21T00:00:00.000Z');
const SHARD = 'shard-000000000001';
/** An event in a hundred is the one before it, sent again. */
const AGAIN = 100;
const isAgain = (n: number): boolean => n % AGAIN === AGAIN - 1;

const lineAt = (ms: number, n: number): string => {
  const data = { channel: `#c${n % 40}`, namespace: 'Main', page: `page ${(n * 7919) % 5_000}`, user: `user ${n % 3_000}`, added: n % 500, deleted: 0 };
  const flags = { isRobot: n % 3 === 0, isNew: n % 50 === 0 };
  return `${JSON.stringify({ source: '/bench', id: `id-${isAgain(n) ? n - 1 : n}`, type: 'edit', time: new Date(ms).toISOString(), data: { ...data, ...flags } })}\n`;
};

/** Raw files as the archive writes them, a few an epoch. */
const fill = async (root: string): Promise<void> => {
  const lake = folder({ root });
  const size = Math.min(125_000, EVENTS / EPOCHS);
  for (let made = 0; made < EVENTS; made += size) {
    const epochMs = TODAY + Math.floor(made / (EVENTS / EPOCHS)) * HOUR;
    const lines = Array.from({ length: size }, (_, i) => lineAt(epochMs + Math.floor((i * HOUR) / size), made + i));
    await writeRaw(lake, SHARD, [{ sequenceNumber: String(made + size), epochMs, data: gzipSync(lines.join('')) }], String(made));
  }
};

const publish = async (path: string): Promise<void> => {
  const { ports, close } = batchLayer(path, MEMORY_MB * 2 ** 20);
  const [beganMs, cpu] = [Date.now(), process.cpuUsage()];
  const { drift } = await build(
    ports,
    { id: 'g000001', horizonMs: TODAY + EPOCHS * HOUR, from: EMPTY_MANIFEST, speedFromMs: 0 },
    () => Number.POSITIVE_INFINITY,
  );
  const { user, system } = process.cpuUsage(cpu);
  const [, edits] = Object.entries(drift).find(([metric]) => metric.startsWith('edits@')) ?? [];
  const once = EVENTS - EVENTS / AGAIN;
  if (edits?.batch !== once) throw new Error(`Expected ${once} events in the views, got ${edits?.batch}`);
  const [s, cpuS, mb] = [(Date.now() - beganMs) / 1_000, (user + system) / 1_000_000, process.resourceUsage().maxRSS / 1_024];
  console.log(`${EVENTS} events, memory limit ${MEMORY_MB} MB: ${s.toFixed(1)} s, ${cpuS.toFixed(1)} s of CPU, ${Math.round(mb)} MB at most`);
  close();
};

const [, , part, path = ''] = process.argv;
if (part === 'fill') await fill(join(path, 'lake'));
else if (part === 'publish') await publish(path);
else {
  const temporary = temporaryFolder();
  mkdirSync(join(temporary.path, 'lake'));
  for (const name of ['fill', 'publish']) {
    const { status } = spawnSync(process.execPath, ['--enable-source-maps', fileURLToPath(import.meta.url), name, temporary.path], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`Expected ${name} to end well, got ${status}`);
  }
  temporary.remove();
}
