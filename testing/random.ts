/** A seeded generator (mulberry32) with the draws that tests need. */
export interface Random {
  readonly seed: number;
  /** 0 ≤ x < 1 */
  next(): number;
  /** An integer, low ≤ n ≤ high. */
  integer(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  chance(p: number): boolean;
}

export const random = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return { seed, next, integer, pick: (list) => list[integer(0, list.length - 1)] as never, chance: (p) => next() < p };
};

/** Seeds of a property: fixed ones, or the one in SEED to repeat a failure. */
export const seeds = (count: number): readonly number[] =>
  process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: count }, (_, i) => 1_000 + i * 7_919);
