// Entities: how many events a second become entities that a search finds, and how long after its 202 a single event is found.
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { quantile } from './support/bench.ts';

const ENTITIES = Number(process.env.ENTITIES ?? 100_000);
const FRESH = Number(process.env.FRESH ?? 200);
const BATCH = 2_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const WORDS = [
  'amber',
  'birch',
  'cobalt',
  'dune',
  'ember',
  'fjord',
  'grove',
  'harbour',
  'inlet',
  'juniper',
  'kelp',
  'lagoon',
  'meadow',
  'north',
  'opal',
  'pine',
];
const titleOf = (i: number) => `${WORDS[i % 16]} ${WORDS[(i >> 4) % 16]} ${WORDS[(i >> 8) % 16]} ${i}`;
const edit = (page: string) => ({
  time: new Date().toISOString(),
  page,
  user: `user ${page.length}`,
  channel: '#bench',
  namespace: 'Main',
  added: 1,
  deleted: 0,
  delta: 1,
  isAnonymous: false,
  isMinor: false,
  isNew: false,
  isRobot: false,
  isUnpatrolled: false,
});

const folder = temporaryFolder();
const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', LOG_LEVEL: 'warn' });
try {
  const post = async (pages: readonly string[]): Promise<void> => {
    const body = pages.map((page) => `${JSON.stringify(edit(page))}\n`).join('');
    const response = await fetch(`${host.url}/events/edit`, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson' } });
    if (response.status !== 202) throw new Error(`Expected 202, got ${response.status}`);
    await response.text();
  };
  const found = async (query: string): Promise<number> => {
    const response = await fetch(`${host.url}/entities/page?limit=1&${query}`);
    return ((await response.json()) as { total: number }).total;
  };
  const pages = Array.from({ length: ENTITIES }, (_, i) => titleOf(i));
  const startedAt = performance.now();
  for (let i = 0; i < pages.length; i += BATCH) await post(pages.slice(i, i + BATCH));
  const acknowledgedAt = performance.now();
  while ((await found('')) < ENTITIES) await sleep(50);
  const searchableAt = performance.now();
  if ((await found('')) !== ENTITIES) throw new Error(`Expected ${ENTITIES} entities, got ${await found('')}`);

  const asked: number[] = [];
  for (let i = 0; i < 200; i++) {
    const from = performance.now();
    const total = await found(`q=${encodeURIComponent(`${WORDS[i % 16]} ${WORDS[(i * 7) % 16]}`)}`);
    if (total === 0) throw new Error('Expected pages with two of the words, found none');
    asked.push(performance.now() - from);
  }
  const waits: number[] = [];
  for (let i = 0; i < FRESH; i++) {
    await post([`fresh ${i}x`]);
    const from = performance.now();
    while ((await found(`q=${encodeURIComponent(`"fresh ${i}x"`)}`)) !== 1) await sleep(2);
    waits.push(performance.now() - from);
  }
  for (const list of [asked, waits]) list.sort((a, b) => a - b);
  const rate = (endedAt: number) => Math.round(ENTITIES / ((endedAt - startedAt) / 1_000)).toLocaleString('en-US');
  console.log(`new entities acknowledged  ${rate(acknowledgedAt)} events/s`);
  console.log(`new entities searchable    ${rate(searchableAt)} events/s (${ENTITIES.toLocaleString('en-US')} entities, exact)`);
  console.log(`a search of two words      p50 ${quantile(asked, 0.5).toFixed(0)} ms, p99 ${quantile(asked, 0.99).toFixed(0)} ms`);
  console.log(`event to searchable        p50 ${quantile(waits, 0.5).toFixed(0)} ms, p99 ${quantile(waits, 0.99).toFixed(0)} ms`);
} finally {
  await host.stop();
  folder.remove();
}
