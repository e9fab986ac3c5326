import { random, seeds } from '../support/random.ts';
import { type System, system } from '../support/system.ts';
import { hits } from '../support/world.ts';

const HOUR_MS = 3_600_000;
let world: System;
afterEach(() => world.close());

test.each(seeds(2))('seed %i: a clock that jumps an hour back and forth loses nothing and doubles nothing', async (seed) => {
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
