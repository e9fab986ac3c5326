// What people ask of a host that runs.
import type { Action } from './action.ts';
import { checkpoint } from './check.ts';
import { sleep, type World } from './world.ts';

const QUESTIONS = 24;
/** Generous, since the machine may have other things to do; the table has the longest. */
const HEALTH_WITHIN_MS = 60_000;

/** Asked for, and not waited for: what comes next may cut it off. */
const recompute: Action = {
  name: 'POST /recompute, not waited for',
  weight: 3,
  play: async ({ lives, random: r }) => {
    const { status, text } = await lives.running().post('/recompute', '{}', { 'content-type': 'application/json' });
    if (status !== 202) throw new Error(`Expected 202, got ${status}: ${text}`);
    await sleep(r.integer(0, 3_000));
    return null;
  },
};
const rollback: Action = {
  name: 'going back a generation',
  weight: 2,
  play: async (world) => {
    const host = world.lives.running();
    const { generations } = JSON.parse((await host.get('/generations')).text) as { generations: { id: string; state: string; active: boolean }[] };
    const older = generations.filter(({ state, active }) => state === 'published' && !active);
    if (older.length === 0) return 'there is no older generation';
    const { id } = world.random.pick(older);
    const { status, text } = await host.post(`/generations/${id}/activate`, '');
    // One that was retired meanwhile says so.
    if (status !== 200 && status !== 409) throw new Error(`Expected ${id} to be activated, got ${status}: ${text}`);
    if (world.random.chance(0.5)) await checkpoint(world, `after going back to ${id}`);
    return null;
  },
};
const abandoned: Action = {
  name: 'abandoned questions',
  weight: 3,
  play: async (world: World) => {
    const { lives, ledger, random: r } = world;
    const { url } = lives.running();
    const { fromMs, toMs } = ledger.days();
    const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
    await Promise.all(
      Array.from({ length: QUESTIONS }, async () => {
        const every = r.pick(['1m', '1h', '1d', 'all']);
        const signal = AbortSignal.timeout(r.integer(1, 400));
        const by = r.pick(['channel', 'channel,robot', 'robot']);
        try {
          await (await fetch(`${url}/metrics/edits?${range}&every=${every}&by=${by}`, { signal })).text();
          world.count('questions answered in time');
        } catch {
          world.count('questions abandoned');
        }
      }),
    );
    const startedAt = performance.now();
    await lives.running().get('/health');
    const ms = performance.now() - startedAt;
    lives.worst.healthMs = Math.max(lives.worst.healthMs, ms);
    if (ms > HEALTH_WITHIN_MS) throw new Error(`Expected /health within ${HEALTH_WITHIN_MS} ms of abandoned questions, got it after ${Math.round(ms)} ms`);
    return null;
  },
};
export const CALLS: readonly Action[] = [recompute, rollback, abandoned];
