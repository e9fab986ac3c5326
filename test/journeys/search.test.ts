import { wordsOf } from '../../shared/search/words.ts';
import type { Body } from '../../testing/body.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { random, seeds } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { feed } from '../support/host.ts';
import { isLong, JOURNEY_SHARDS, some } from '../support/long.ts';
import { fedEdits, sampleEdits } from '../support/sample.ts';
import { script } from '../support/script.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const files = temporaryFolder();
const env = { DATA_DIR: folder.path, EPOCH: '1m', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'info', SHARDS: JOURNEY_SHARDS };
let host: Host;
beforeAll(async () => {
  host = await startHost(env);
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
  files.remove();
});

const edits = some(sampleEdits(), 10_000);
const editsOf = new Map<string, number>();
for (const { page } of edits) editsOf.set(page, (editsOf.get(page) ?? 0) + 1);
const corbyn = editsOf.get('Jeremy Corbyn') as number;

const ask = async (query: string): Promise<Body<{ edits: number }>> => (await host.get<{ edits: number }>(`/entities/page?${query}`)).json;
/** Key → edits of all pages, read page by page of hits. */
const allPages = async (): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await ask(`limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    for (const { key, entity } of answer.hits) found.set(key, entity.edits);
    cursor = answer.cursor;
  }
  return found;
};
const sum = (counts: Iterable<number>) => [...counts].reduce((a, b) => a + b, 0);
const post = async (page: string, times: number) => {
  const edit = { ...edits[0], page, user: 'me', time: '2015-09-12T23:59:59.999Z' };
  expect((await host.post('/events/edit', JSON.stringify(Array(times).fill(edit)), { 'content-type': 'application/json' })).status).toBe(202);
};

test('the sample, fed to a host that is killed before it has indexed all, is found whole once it runs again', async () => {
  const { code } = await feed([fedEdits(edits, files.path), '--url', host.url], env).ended;
  expect(code).toBe(0);
  await until(async () => (await ask('limit=1')).total > 100);
  await host.kill();
  host = await startHost(env);
  await until(async () => (await ask('limit=1')).total === editsOf.size);
  await until(async () => sum((await allPages()).values()) === edits.length);
  expect(await allPages()).toEqual(editsOf);
});

test('pages are found by words of their titles, and one by its key', async () => {
  const { hits } = await ask('q=wikipedia+administrators');
  const key = "Wikipedia:Administrators' noticeboard/Incidents";
  expect(hits).toContainEqual(expect.objectContaining({ key, entity: expect.objectContaining({ edits: editsOf.get(key) }) }));
  expect((await host.get('/entities/page/Jeremy%20Corbyn')).json).toMatchObject({ title: 'Jeremy Corbyn', edits: corbyn });
  expect((await host.get('/entities/editor?order=-edits&limit=1')).json.hits).toHaveLength(1);
});

test('every title that has words is found by them, whatever its script', async () => {
  const r = random(seeds(1)[0] as number);
  const all = [...editsOf.keys()];
  const notAscii = all.filter((title) => /[^\x20-\x7f]/.test(title));
  expect(notAscii.length).toBeGreaterThan(all.length / 10);
  for (let i = 0; i < (isLong ? 400 : 80); i++) {
    const title = r.pick(i % 2 === 0 ? notAscii : all);
    const words = wordsOf(title.normalize('NFC'));
    if (words.length === 0) continue;
    const one = encodeURIComponent(title);
    expect([title, (await ask(`q="${one}"&filter[title]=${one}`)).total]).toEqual([title, 1]);
    if (words.length <= 32) expect([title, (await ask(`q=${encodeURIComponent(words.join(' '))}&filter[title]=${one}`)).total]).toEqual([title, 1]);
  }
});

test.each(['"', '*', ':', 'AND (', '\u0000', 'x'.repeat(10_240)])('a query of %j is harmless', async (text) => {
  const { status } = await host.get(`/entities/page?q=${encodeURIComponent(text)}`);
  expect([200, 400]).toContain(status);
  expect((await ask('limit=1')).total).toBe(editsOf.size);
});

test('an edit shows in searches, and while the index is built anew beside the host none is lost', async () => {
  await post('Jeremy Corbyn', 1);
  await until(async () => (await ask('q=jeremy+corbyn&order=-edits')).hits[0]?.entity.edits === corbyn + 1);
  const builds = () => host.printed().split('The search index was built').length - 1;
  const before = builds();
  const asked = script('scripts/twinstream.mjs', ['reindex', 'page'], env);
  let posted = 0;
  while (builds() === before) {
    await post(`While it was built ${posted++ % 50}`, 2);
    expect((await ask('q=jeremy+corbyn&order=-edits')).hits[0]?.entity.edits).toBe(corbyn + 1);
  }
  expect(await asked.ended).toMatchObject({ code: 0, printed: expect.stringContaining(`The host at ${host.url} rebuilds page`) });
  const documents = [...host.printed().matchAll(/documents"?: ?(\d+)/g)].map(([, count]) => Number(count));
  expect(Math.max(...documents)).toBeGreaterThanOrEqual(editsOf.size);
  await until(async () => sum((await allPages()).values()) === edits.length + 1 + 2 * posted);
});
