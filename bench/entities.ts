// Entities: how many events a second become entities that a search finds, and how long after its 202 a single event is found.
// ENTITIES=100000 FRESH=200 npm run bench -- entities
import { startHost } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, quantile, sizeOf, until } from './support/bench.ts';

const ENTITIES = sizeOf('ENTITIES', 100_000, 2_000);
const FRESH = sizeOf('FRESH', 200, 5);
const SEARCHES = 200;
const BATCH = 2_000;

const WORDS = 'amber birch cobalt dune ember fjord grove harbour inlet juniper kelp lagoon meadow north opal pine'.split(' ');
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

await bench(import.meta.url, {}, async () => {
  const folder = temporaryFolder();
  const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', LOG_LEVEL: 'warn' });
  const post = async (pages: readonly string[]): Promise<void> => {
    const body = pages.map((page) => `${JSON.stringify(edit(page))}\n`).join('');
    demand('A post of edits', (await host.post('/events/edit', body, { 'content-type': 'application/x-ndjson' })).status, 202);
  };
  const found = async (query: string): Promise<number> => (await host.get(`/entities/page?limit=1&${query}`)).json.total;
  try {
    const pages = Array.from({ length: ENTITIES }, (_, i) => titleOf(i));
    const startedAt = performance.now();
    for (let i = 0; i < pages.length; i += BATCH) await post(pages.slice(i, i + BATCH));
    const acknowledgedAt = performance.now();
    await until('every entity in a search', async () => (await found('')) >= ENTITIES);
    const searchableAt = performance.now();
    demand('Entities', await found(''), ENTITIES);

    const searches: number[] = [];
    for (let i = 0; i < SEARCHES; i++) {
      const from = performance.now();
      const total = await found(`q=${encodeURIComponent(`${WORDS[i % 16]} ${WORDS[(i * 7) % 16]}`)}`);
      searches.push(performance.now() - from);
      demand('Pages with two of the words', total > 0, true);
    }
    const waits: number[] = [];
    for (let i = 0; i < FRESH; i++) {
      await post([`fresh ${i}x`]);
      const from = performance.now();
      await until('a new entity in a search', async () => (await found(`q=${encodeURIComponent(`"fresh ${i}x"`)}`)) === 1, 2);
      waits.push(performance.now() - from);
    }
    for (const list of [searches, waits]) list.sort((a, b) => a - b);
    const rate = (endedAt: number) => ENTITIES / ((endedAt - startedAt) / 1_000);
    const figures = [
      { what: `${ENTITIES} new entities, acknowledged`, value: rate(acknowledgedAt), unit: 'events/s' },
      { what: 'until a search finds all of them', value: rate(searchableAt), unit: 'events/s' },
      { what: 'a search for two words: p50', value: quantile(searches, 0.5), unit: 'ms' },
      { what: 'a search for two words: p99', value: quantile(searches, 0.99), unit: 'ms' },
      { what: 'from a 202 until a search finds the event: p50', value: quantile(waits, 0.5), unit: 'ms' },
      { what: 'from a 202 until a search finds the event: p99', value: quantile(waits, 0.99), unit: 'ms' },
    ];
    return { figures, raw: { searches, waits } };
  } finally {
    await host.stop();
    folder.remove();
  }
});
