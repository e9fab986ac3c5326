import type { ExplainedEvents } from '../../shared/explain/explained.ts';
import { ask, post, RANGE, world } from './visits-world.ts';

// Events as long as they may be: 256 kB.

/** How many events each page of a list has; none is on two of them. */
const pagesOf = async (metric: string, limit: number): Promise<number[]> => {
  const { cut } = await ask(RANGE, metric);
  const [pages, ids]: [number[], string[]] = [[], []];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const asked: string = `${RANGE}&cut=${cut}&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const reply = await world.get(`/metrics/${metric}/explain?${asked}`, {});
    const body = reply.body as unknown as ExplainedEvents;
    pages.push(body.events.length);
    ids.push(...body.events.map(({ id }) => id));
    cursor = body.cursor;
  }
  expect(new Set(ids).size).toBe(ids.length);
  return pages;
};
const LONG = 'x'.repeat(240_000);
const postLong = async (n: number, of: (i: number) => { readonly secret?: string; readonly user?: string }): Promise<void> => {
  for (let i = 0; i < n; i++) await post({ id: `a${i}`, ms: 200, ...of(i) });
  await world.drain();
};
const publish = async (): Promise<void> => expect((await world.publish())?.state).toBe('published');

test('given fields that the metric does not read, then a page has room for all events, but in the batch layer what is read at once has not', async () => {
  await postLong(150, (i) => ({ secret: `${i}${LONG}` }));
  expect(await pagesOf('slow', 1_000)).toEqual([150]);
  await publish();
  expect(await pagesOf('slow', 1_000)).toEqual([140, 10]);
}, 60_000);

test('given fields that the metric reads, then a page has what fits, in each layer, and its cursor goes on', async () => {
  await postLong(40, (i) => ({ user: `${i}${LONG}` }));
  expect(await pagesOf('visits', 10)).toEqual([10, 10, 10, 10]);
  expect(await pagesOf('visits', 1_000)).toEqual([16, 16, 8]);
  await publish();
  expect(await pagesOf('visits', 1_000)).toEqual([16, 16, 8]);
}, 60_000);

test.each(['live', 'batch'])(
  'given values too long for one list, then the list of them is refused, in the %s layer',
  async (layer) => {
    await postLong(150, (i) => ({ user: `${i}${LONG}` }));
    if (layer === 'batch') await publish();
    const { cut } = await ask(RANGE);
    const { status, body } = await world.get(`/metrics/visits/explain?${RANGE}&cut=${cut}&measure=users&list=values`, {});
    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/^Expected at most 10000 values, of fewer than 33,554,432 characters, got more\. Explain a row/),
    ]);
  },
  60_000,
);
