import { DAY_1, DAY_2, exclude, restore, states } from './exclusions-world.ts';

test.each([
  ['no source', {}, 'source'],
  ['neither ids nor times', { source: 's' }, 'ids'],
  ['both', { source: 's', ids: ['a'], from: DAY_1, to: DAY_2 }, 'ids'],
  ['half a range', { source: 's', from: DAY_1 }, 'ids'],
  ['a range the wrong way round', { source: 's', from: DAY_2, to: DAY_1 }, 'to'],
  ['a time without a zone', { source: 's', from: '2026-11-20T09:00:00', to: DAY_2 }, 'from'],
  ['too many ids', { source: 's', ids: Array.from({ length: 1_001 }, String) }, 'ids'],
  ['ids that are too long together', { source: 's', ids: Array.from({ length: 1_000 }, (_, i) => `${i}${'é'.repeat(250)}`) }, 'ids'],
  ['an id that no event has', { source: 's', ids: [''] }, 'ids.0'],
  ['a source that is too long', { source: 's'.repeat(513), ids: ['a'] }, 'source'],
  ['another name', { source: 's', ids: ['a'], id: 'x' }, ''],
])('given a request with %s, then 400 names it, and nothing is excluded', async (_, body, path) => {
  const reply = await exclude(body);
  expect([reply.status, reply.body.errors.map((error) => error.path)]).toEqual([400, expect.arrayContaining([path])]);
  expect(await states()).toEqual([]);
});

test('given more ids or exclusions than the SQL has room for, then 409, until some are taken back', async () => {
  const ids = (n: number) => Array.from({ length: n }, (_, i) => `id ${i}`);
  await exclude({ source: 's', ids: ids(400) });
  await exclude({ source: 't', ids: ids(600) });
  expect(await exclude({ source: 's', ids: ['one more'] })).toMatchObject({ status: 409, body: { type: 'urn:twinstream:problem:too-many-exclusions' } });
  expect((await exclude({ source: 's', from: DAY_1, to: DAY_2 })).status).toBe(202);
  await restore('x000001');
  expect((await exclude({ source: 's', ids: ['one more'] })).status).toBe(202);
});

test('given one that there is not, then it cannot be taken back; given one that was, then nothing changes', async () => {
  expect((await restore('x000009')).status).toBe(404);
  await exclude({ source: 's', ids: ['a'] });
  const [first, second] = [await restore('x000001'), await restore('x000001')];
  expect([first.status, second.status, second.body.removedAt]).toEqual([202, 202, first.body.removedAt]);
});
