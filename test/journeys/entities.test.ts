import { join } from 'node:path';
import Database from 'libsql';
import type { Body } from '../../testing/body.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { random, seeds } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { feed, freePort } from '../support/host.ts';
import { isLong, JOURNEY_SHARDS, some } from '../support/long.ts';
import { fedEdits, sampleEdits } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const files = temporaryFolder();
let host: Host | null = null;
afterAll(async () => {
  await host?.kill();
  folder.remove();
  files.remove();
});

const edits = some(sampleEdits(), 6_000);
const common = { DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: JOURNEY_SHARDS };
const editsOf = (title: string) => edits.filter(({ page }) => page === title).length;
interface Page {
  readonly title: string;
  readonly edits: number;
  readonly added: number;
}
const search = async (on: Host, query: string): Promise<Body<Page>> => {
  const { status, json } = await on.get<Page>(`/entities/page?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return json;
};
const pagesFound = async (on: Host): Promise<number> => (await search(on, 'limit=1')).total;
/** Every page that can be found, over all cursors. */
const everyPage = async (on: Host): Promise<Map<string, [number, number]>> => {
  const pages = new Map<string, [number, number]>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const found = await search(on, `limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    for (const { key, entity } of found.hits) pages.set(key, [entity.edits, entity.added]);
    cursor = found.cursor;
  }
  return pages;
};
const oracle = (): Map<string, [number, number]> => {
  const pages = new Map<string, [number, number]>();
  for (const { page, added } of edits) {
    const [n, sum] = pages.get(page) ?? [0, 0];
    pages.set(page, [n + 1, sum + added]);
  }
  return pages;
};
const sorted = (pages: ReadonlyMap<string, unknown>) => [...pages].sort(([a], [b]) => (a < b ? -1 : 1));
const total = (pages: ReadonlyMap<string, [number, number]>) => [...pages.values()].reduce((sum, [n]) => sum + n, 0);

test.each(seeds(1))(
  'seed %i: the sample is fed while the host is killed again and again, then every page and editor is found as a plain count has them',
  async (seed) => {
    const r = random(seed);
    const port = await freePort();
    const env = { ...common, PORT: String(port) };
    host = await startHost(env);
    const feeding = feed([fedEdits(edits, files.path), '--url', `http://127.0.0.1:${port}`], env);
    // Between what was taken in, what was written to entities, and what was indexed: wherever it stands then.
    for (let kill = 0; kill < (isLong ? 4 : 2); kill++) {
      const next = Math.min(oracle().size, (await pagesFound(host)) + r.integer(1, 3_000));
      await until(async () => (await pagesFound(host as Host)) >= next);
      await host.kill();
      host = await startHost(env);
    }
    expect((await feeding.ended).code).toBe(0);
    const again = host;
    await until(async () => (await pagesFound(again)) >= oracle().size);
    await until(async () => total(await everyPage(again)) >= edits.length);
    expect(sorted(await everyPage(again))).toEqual(sorted(oracle()));
    const [counted] = (await again.get('/metrics/edits?from=2015-09-12&to=2015-09-13&every=all&measures=edits')).json.rows;
    expect(counted?.edits).toBe(total(await everyPage(again)));
  },
);

const keysOf = async (query: string) => (await search(host as Host, query)).hits.map(({ key }) => key);

test('pages and editors are found by words, in any script', async () => {
  const on = host as Host;
  const { hits } = await search(on, 'q=wikipedia+administrators');
  const noticeboard = "Wikipedia:Administrators' noticeboard/Incidents";
  expect(hits.find(({ key }) => key === noticeboard)?.entity.edits).toBe(editsOf(noticeboard));
  expect((await on.get('/entities/page/Jeremy%20Corbyn')).json).toMatchObject({ title: 'Jeremy Corbyn', edits: editsOf('Jeremy Corbyn') });
  expect((await on.get('/entities/page/Nobody%20wrote%20this')).status).toBe(404);
  // Titles of the sample: with diacritics that the question leaves out, in Cyrillic, in Chinese by a part of it, with an apostrophe.
  const titleLike = (pattern: RegExp) => edits.find(({ page }) => pattern.test(page))?.page ?? '';
  const accented = titleLike(/^\p{L}*[éèüöñ]\p{L}*$/u);
  const cyrillic = titleLike(/^[\p{Script=Cyrillic}]{5,}$/u);
  const han = titleLike(/^\p{Script=Han}{4,}$/u);
  const apostrophe = titleLike(/^\w+'s \w+$/);
  expect([accented, cyrillic, han, apostrophe].every((title) => title !== '')).toBe(true);
  const plain = accented.normalize('NFD').replace(/\p{M}/gu, '');
  for (const [question, title] of [
    [plain, accented],
    [cyrillic.toLowerCase(), cyrillic],
    [han.slice(1, 3), han],
    [apostrophe, apostrophe],
  ] as const)
    expect({ question, found: await keysOf(`limit=1000&q=${encodeURIComponent(question)}`) }).toEqual({ question, found: expect.arrayContaining([title]) });
  const editors = (await on.get<{ edits: number }>('/entities/editor?q=bot&order=-edits&limit=2')).json.hits;
  const [most = 0, next = 0] = editors.map(({ entity }) => entity.edits);
  expect([editors.length, most >= next]).toEqual([2, true]);
});

test.each([
  ['a quote', '"'],
  ['a star', '*'],
  ['a colon', ':'],
  ['half a condition', 'AND ('],
  ['operators', 'a OR NOT'],
  ['10 kB', 'x'.repeat(10_000)],
  ['a NUL', '\u0000'],
  ['brackets', '){}[]^~?\\'],
  ['SQL', "'; DROP TABLE entities; --"],
])('a question of %s is harmless', async (_, question) => {
  const { status, json } = await (host as Host).get(`/entities/page?q=${encodeURIComponent(question)}`);
  expect([200, 400]).toContain(status);
  if (status === 400) expect(json.detail).toMatch(/Expected/);
  expect((await search(host as Host, 'limit=1')).total).toBe(oracle().size);
});

test('an edit shows in the search; changes that are read again change nothing', async () => {
  const on = host as Host;
  const edit = { ...edits[0], time: '2015-09-12T23:59:59.999Z', page: 'A page that nobody knew', user: 'Somebody new' };
  expect((await on.post('/events/edit', JSON.stringify([edit]))).status).toBe(202);
  await until(async () => (await keysOf('q=nobody+knew')).includes('A page that nobody knew'));
  await until(async () => (await on.get('/entities/editor?q=somebody+new')).json.total > 0);
  const before = sorted(await everyPage(on));
  // No seal of a clean stop, which says that nobody changed a file.
  await on.kill();
  // The whole change stream once more, from its start.
  const views = new Database(join(folder.path, 'views.db'));
  views.prepare("DELETE FROM cells WHERE partition = 'checkpoints' AND sort LIKE 'index-entities#%'").run();
  views.close();
  host = await startHost(common);
  const restarted = host;
  await restarted.post('/events/edit', JSON.stringify([{ ...edit, page: 'The last one' }]));
  await until(async () => (await restarted.get('/entities/page?q=%22the+last+one%22')).json.hits.some(({ key }) => key === 'The last one'));
  const after = new Map(sorted(await everyPage(restarted)));
  after.delete('The last one');
  expect([...after]).toEqual(before);
});
