import type { Whereabouts } from '../../shared/explain/whereabouts-form.ts';
import { post, world } from './visits-world.ts';

const find = async (id: string, query = '') => {
  const { status, body } = await world.get(`/events/visit/${encodeURIComponent(id)}${query}`, {});
  return { status, detail: body.detail, found: (body as unknown as Whereabouts).found };
};

test('an event is counted, by which metrics, in which window and group: live, and then in the batch layer', async () => {
  await post({ id: 'a/1', page: '/x', ms: 5 });
  await world.drain();
  const counted = {
    state: 'counted',
    metrics: [
      { metric: 'visits', counts: true, window: '2026-11-21T09:00:00.000Z', groups: [{ page: '/x' }], items: 1 },
      { metric: 'slow', counts: false },
    ],
    data: { id: 'a/1', page: '/x', ms: 5 },
  };
  expect((await find('a/1')).found).toMatchObject([{ ...counted, place: 'live' }]);
  await world.publish();
  expect((await find('a/1')).found).toMatchObject([{ ...counted, place: 'batch' }]);
});

test('a copy is a duplicate of the one before it, in each layer and across them', async () => {
  await post({ id: 'a' });
  await world.drain();
  await post({ id: 'a' });
  await world.drain();
  const live = (await find('a')).found;
  expect(live.map(({ state, place }) => `${state} ${place}`)).toEqual(['duplicate live', 'counted live']);
  expect(live[0]?.of).toEqual(live[1]?.at);
  await world.publish();
  await post({ id: 'a' });
  await world.drain();
  const both = (await find('a')).found;
  expect(both.map(({ state, place }) => `${state} ${place}`)).toEqual(['duplicate live', 'duplicate batch', 'counted batch']);
  expect(both[0]?.of).toEqual(both[1]?.at);
  expect(both[1]?.of).toEqual(both[2]?.at);
});

test('an event is excluded, by which exclusion', async () => {
  await post({ id: 'a' });
  await world.drain();
  const source = String((await find('a')).found[0]?.source);
  expect((await world.post('/exclusions', JSON.stringify({ source, ids: ['a', 'b'] }), {})).status).toBe(202);
  world.advance(120_000);
  await post({ id: 'b' });
  await world.drain();
  expect((await find('b')).found).toMatchObject([{ state: 'excluded', place: 'live', exclusion: 'x000001' }]);
  await world.publish();
  expect((await find('a')).found).toMatchObject([{ state: 'excluded', place: 'batch', exclusion: 'x000001' }]);
});

test('an event is in the log, and not folded yet', async () => {
  await post({ id: 'a' });
  await world.drain();
  await post({ id: 'b' });
  await world.archive();
  await post({ id: 'c' });
  for (const id of ['b', 'c']) expect((await find(id)).found).toMatchObject([{ state: 'pending', place: 'log' }]);
});

test('an event is in quarantine, and why', async () => {
  const { status } = await world.post('/events/visit', JSON.stringify({ id: 'bad', at: 'never', user: 'u', ms: 1 }), { 'content-type': 'application/json' });
  expect(status).toBe(422);
  expect((await find('bad')).found).toMatchObject([{ state: 'quarantined', place: 'quarantine', reason: 'invalid', at: null, errors: [{ path: 'at' }] }]);
});

test('no event has the id, or none from the source, or there is no such type', async () => {
  await post({ id: 'a' });
  await world.drain();
  expect(await find('none')).toMatchObject({ status: 404, detail: "There is no event 'none' of type visit." });
  expect((await find('a', '?source=elsewhere')).status).toBe(404);
  expect((await find('a', '?from=2026-11-20&to=2026-11-21')).status).toBe(404);
  expect((await world.get('/events/none/a', {})).status).toBe(404);
  expect((await find('a', '?form=x')).status).toBe(400);
});
