import type { NamedMeasure } from '../../shared/fold/metric.ts';
import { rollingSum } from '../../shared/query/rolling.ts';
import { random, seeds } from '../../testing/random.ts';

/** A measure that knows which numbers are in it, and counts its merges. */
const counted = () => {
  const merges = { n: 0 };
  const measure = {
    zero: () => [],
    merge: (a: number[], b: number[]) => {
      if (a.length > 0) merges.n++;
      a.push(...b);
      return a;
    },
  };
  return { merges, measures: [{ name: 'numbers', measure, value: null }] as unknown as readonly NamedMeasure[] };
};

test('given a queue that states come to and leave at random, then its sum is that of those that are in it', () => {
  for (const seed of seeds(5)) {
    const r = random(seed);
    const { measures } = counted();
    const queue = rollingSum(measures);
    let inside: number[] = [];
    for (let at = 0; at < 500; at++) {
      if (r.chance(0.8)) {
        queue.push({ atMs: at, events: 1, states: [[at]] });
        inside.push(at);
      }
      if (r.chance(0.3)) {
        const before = at - r.integer(0, 40);
        queue.dropBefore(before);
        inside = inside.filter((one) => one >= before);
      }
      const sum = queue.sum();
      const numbers = ((sum?.states[0] ?? []) as number[]).sort((a, b) => a - b);
      expect([seed, at, numbers, sum?.events ?? 0]).toEqual([seed, at, inside, inside.length]);
    }
  }
});

test('given a long reach, then a step costs a few merges, not as many as states are in reach', () => {
  const { merges, measures } = counted();
  const queue = rollingSum(measures);
  const steps = 2_000;
  for (let at = 0; at < steps; at++) {
    queue.push({ atMs: at, events: 1, states: [[at]] });
    queue.dropBefore(at - 364);
    queue.sum();
  }
  expect(merges.n / steps).toBeLessThan(3.1);
});
