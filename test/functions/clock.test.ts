import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { type System, system } from '../support/system.ts';
import { hits } from '../support/world.ts';

const HOUR_MS = 3_600_000;
let world: System;
afterEach(() => world.close());

test.each(some(seeds(2), 1))('seed %i: a clock that jumps an hour back and forth loses nothing and doubles nothing', async (seed) => {
  const r = random(seed);
  world = await system({ pipeline: hits, shards: 2, startMs: Date.parse('2026-11-21T10:00:30Z') });
  let [count, sum] = [0, 0];
  const totals = async () => (await world.get('/metrics/hits?from=2026-11-21&to=2026-11-22&every=all&measures=hits,n', {})).body.rows[0];
  for (let step = 0; step < 15; step++) {
    world.advance(r.pick([-HOUR_MS, HOUR_MS, 60_000, 1_000, -30_000]));
    const events = Array.from({ length: r.integer(1, 20) }, () => ({ at: '2026-11-21T09:00:00Z', page: `p${r.integer(0, 5)}`, n: r.integer(0, 100) }));
    const { status, body } = await world.post('/events/hit', JSON.stringify(events), { 'content-type': 'application/json', 'idempotency-key': `s${step}` });
    expect([status, body.accepted]).toEqual([202, events.length]);
    // A retry after the clock has jumped again counts once.
    if (r.chance(0.3)) {
      await world.aggregate();
      world.advance(r.pick([-HOUR_MS, 1_000]));
      await world.post('/events/hit', JSON.stringify(events), { 'content-type': 'application/json', 'idempotency-key': `s${step}` });
    }
    count += events.length;
    sum += events.reduce((total, { n }) => total + n, 0);
    if (r.chance(0.5)) await world.heartbeat();
    if (r.chance(0.7)) await world.archive();
    if (r.chance(0.3)) await world.recompute();
    await world.aggregate();
    expect([step, await totals()]).toEqual([step, { window: '2026-11-21T00:00:00.000Z', hits: count, n: sum }]);
  }
  // The log's own clock never steps back, so the horizon waits for it, and passes it in the end.
  world.advance(3 * HOUR_MS);
  await world.publish();
  expect(await totals()).toMatchObject({ hits: count, n: sum });
  const { generations } = (await world.get('/generations', {})).body;
  expect(generations.filter(({ drift }: { drift: number | null }) => (drift ?? 0) !== 0)).toEqual([]);
  expect(world.errors).toEqual([]);
});

const QUERY = '/metrics/hits?from=2026-11-21&to=2026-11-22&every=all&measures=hits';
const DAY_MS = 24 * HOUR_MS;

test('given events that arrived while the clock was three days ahead, then health says so, a recompute through now waits for them, the horizon moves on, and all is counted once', async () => {
  world = await system({ pipeline: hits, shards: 2, startMs: Date.parse('2026-11-21T10:00:30Z') });
  const post = (key: string) =>
    world.post('/events/hit', JSON.stringify([{ at: '2026-11-21T09:00:00Z', page: 'p', n: 1 }]), {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  await post('before');
  await world.drain();
  world.advance(3 * DAY_MS);
  await world.heartbeat();
  await post('ahead');
  await world.drain();
  world.advance(-3 * DAY_MS);
  for (let i = 0; i < 20; i++) expect((await post(`after-${i}`)).status).toBe(202);

  const { log } = (await world.get('/health', {})).body.parts;
  expect(log).toMatchObject({ status: 'ok', aheadMs: 3 * DAY_MS, warning: expect.stringContaining('The clock was ahead') });
  const body = JSON.parse((await world.post('/recompute', '', {})).text) as { id: string; through: string };
  expect(Date.parse(body.through)).toBeGreaterThan(world.clock() + 3 * DAY_MS - 60_000);
  // Nothing is published without what came before the request.
  await world.archive();
  expect((await world.recompute())?.id).not.toBe(body.id);
  // Two epochs of the clock move the log's time by one.
  for (let i = 0; i < 4; i++) {
    world.advance(30_000);
    await world.heartbeat();
    await world.drain();
  }
  const published = await world.recompute();
  expect(published).toMatchObject({ id: body.id, state: 'published' });
  const answer = await world.get(QUERY, {});
  expect(answer.body.rows).toMatchObject([{ hits: 22 }]);
  expect(answer.body.provenance.windows).toEqual({ batch: 1, speed: 0 });

  // An exclusion holds from an epoch of the log that has not begun.
  const asked = { source: '/events/hit', from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };
  const exclusion = JSON.parse((await world.post('/exclusions', JSON.stringify(asked), {})).text) as { speedFrom: string };
  expect(Date.parse(exclusion.speedFrom)).toBeGreaterThan(world.clock() + 3 * DAY_MS - 60_000);
  // Once the clock has caught up, the log goes by it again.
  world.advance(7 * DAY_MS);
  await world.heartbeat();
  expect((await world.get('/health', {})).body.parts.log).toEqual({ status: 'ok', openShards: 2, aheadMs: 0 });
  expect(world.errors).toEqual([]);
});
