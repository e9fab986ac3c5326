// What the generators of the examples share: seeded draws, and the day that their events are of.
export const DAY_MS = Date.parse('2025-06-03T00:00:00Z');

/** The same seed gives the same draws (mulberry32). */
export const draws = (seed) => {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (p) => next() < p,
    /** From low to high, both included. */
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    /** The first of a list most often, the last most rarely. */
    pickEarly: (list) => list[Math.floor(next() ** 2 * list.length)],
    /** A time of the day, in milliseconds: more often in the afternoon than at night. */
    timeMs: () => DAY_MS + Math.floor(((next() + next() + next()) / 3) * 86_400_000),
  };
};

/** Prints events by their time, a JSON object a line. */
export const print = (events, timeOf) => {
  const lines = [...events].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).map((event) => `${JSON.stringify(event)}\n`);
  process.stdout.on('error', ({ code }) => process.exit(code === 'EPIPE' ? 0 : 1)); // head has read enough
  process.stdout.write(lines.join(''));
};
