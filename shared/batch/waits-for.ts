import type { Failures } from './failures.ts';
import type { Generation } from './generations.ts';
import type { Look } from './look.ts';

/** Clocks differ by less than this. */
const AHEAD_MS = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** What a generation that has not ended is waiting for, in words; null if it is being built, or has ended. */
export const waitsFor =
  ({ look, failing, nowMs }: { look: Look | null; failing: Failures | null; nowMs: number }) =>
  ({ state, throughMs, requestedAtMs }: Generation): string | null => {
    if (state !== 'requested' && state !== 'running') return null;
    const { atMs, shard } = look?.horizon ?? { atMs: 0, shard: null };
    if (state === 'requested' && throughMs !== null && throughMs > atMs) {
      const where = atMs === 0 ? 'of which there is none yet' : `which was at ${iso(atMs)}${shard === null ? '' : `, where ${shard} held it back`}`;
      return `Waits for the horizon, ${where}, to pass ${iso(throughMs)}.${aheadOf(Math.max(throughMs, atMs), nowMs)}`;
    }
    // If the clock was ahead when the failure was noted, the back-off does not count.
    const backsOff = failing !== null && failing.lastMs <= nowMs && nowMs < failing.nextTryMs && (state === 'running' || requestedAtMs <= failing.lastMs);
    if (backsOff)
      return `Waits for the next try, at ${iso(failing.nextTryMs)}, after ${failing.times === 1 ? 'a run' : `${failing.times} runs`} that failed: ${failing.error.slice(0, 500)}`;
    return state === 'running' ? null : 'Waits for its turn.';
  };

const aheadOf = (ms: number, nowMs: number): string =>
  ms <= nowMs + AHEAD_MS ? '' : ` That is ahead of the clock, which is at ${iso(nowMs)}: it was further on when records came, or when this was asked for.`;
