import fc from 'fast-check';
import { compileFold } from '../../shared/fold/metric.ts';
import { registry } from '../../shared/measures/registry.ts';
import { random } from '../../testing/random.ts';
import { nastyPipeline } from '../support/nasty.ts';
import { addAll, copy, type Entry, entriesOf, RUNS, type Spec, seen, shown, specs, valuesOf } from './specs.ts';

test('given the registry, then each measure is tried with each kind of value that it takes', () => {
  const tried = (name: string) => specs.filter((spec) => spec.name === name).map(({ kind }) => kind);
  for (const { name, takes } of registry) expect(new Set(tried(name))).toEqual(new Set(takes?.kinds ?? [null]));
});

test('given the registry, then parity with SQL is proved for each measure and each kind of value that it takes', () => {
  const used = new Set(
    Object.values(nastyPipeline.metrics).flatMap(({ definition }) => definition.measures.map(({ measure, of }) => `${measure} ${of?.kind ?? null}`)),
  );
  const wanted = new Set(specs.map(({ name, kind }) => `${name} ${kind}`));
  expect([...wanted].filter((one) => !used.has(one))).toEqual([]);
});

describe.each(specs.map((spec) => [spec.title, spec] as const))('%s', (_, spec) => {
  const { measure } = spec;
  const entries = entriesOf(spec);
  const merged = (a: unknown, b: unknown) => measure.merge(copy(spec, a), copy(spec, b));

  test('given three states, then it does not matter which two are merged first', () => {
    fc.assert(
      fc.property(entries, entries, entries, (x, y, z) => {
        const [a, b, c] = [addAll(spec, x), addAll(spec, y), addAll(spec, z)];
        expect(seen(spec, merged(merged(a, b), c))).toBe(seen(spec, merged(a, merged(b, c))));
      }),
      RUNS,
    );
  });

  test('given two states, then it does not matter which is merged into which', () => {
    fc.assert(
      fc.property(entries, entries, (x, y) => {
        const [a, b] = [addAll(spec, x), addAll(spec, y)];
        expect(seen(spec, merged(a, b))).toBe(seen(spec, merged(b, a)));
      }),
      RUNS,
    );
  });

  test('given a state that is merged into others, then it stays as it was, whatever is merged into those later', () => {
    fc.assert(
      fc.property(entries, entries, entries, (x, y, z) => {
        const [b, later] = [addAll(spec, y), addAll(spec, z)];
        const before = seen(spec, b);
        for (const a of [measure.zero(), addAll(spec, x)]) measure.merge(measure.merge(a, b), later);
        expect(seen(spec, b)).toBe(before);
      }),
      RUNS,
    );
  });

  test('given an empty state, then merging it changes nothing', () => {
    fc.assert(
      fc.property(entries, (x) => {
        const state = addAll(spec, x);
        expect(seen(spec, merged(state, measure.zero()))).toBe(seen(spec, state));
        expect(seen(spec, merged(measure.zero(), state))).toBe(seen(spec, state));
      }),
      RUNS,
    );
  });

  test('given a stored state, then it reads back as the same, and goes on in the same way', () => {
    fc.assert(
      fc.property(entries, entries, (x, y) => {
        const state = addAll(spec, x);
        const again = copy(spec, state);
        expect(seen(spec, again)).toBe(seen(spec, state));
        expect(shown(spec, again)).toBe(shown(spec, state));
        const goOn = (from: unknown) => y.reduce((s, { value, at, by }) => measure.add(s, value, at, by), from);
        expect(seen(spec, goOn(again))).toBe(seen(spec, goOn(state)));
      }),
      RUNS,
    );
  });

  test('given values in any order, split over any number of states, then the merged state is the one of all values', () => {
    const splits = fc.tuple(entries, fc.integer({ min: 1, max: 6 }), fc.integer());
    fc.assert(
      fc.property(splits, ([x, parts, seed]) => {
        const r = random(seed);
        const all = addAll(spec, x);
        const lots: Entry[][] = Array.from({ length: parts }, () => []);
        for (const entry of shuffled(x, seed)) r.pick(lots).push(entry);
        const state = lots.map((lot) => addAll(spec, lot)).reduce((a, b) => measure.merge(a, b));
        expect(seen(spec, state)).toBe(seen(spec, all));
        expect(shown(spec, state)).toBe(shown(spec, all));
      }),
      RUNS,
    );
  });

  test('given a state, then it is plain JSON, and so is its answer', () => {
    fc.assert(
      fc.property(entries, (x) => {
        for (const json of [measure.encode(addAll(spec, x)), measure.present(addAll(spec, x))])
          expect(JSON.parse(JSON.stringify(json))).toEqual(withoutMinusZero(json));
      }),
      RUNS,
    );
  });

  test('given a state, then its answer is as its schema says, which is what the API documents', () => {
    const answersIn = (state: unknown) => spec.schema.safeParse(JSON.parse(JSON.stringify(measure.present(state)))).error;
    expect(answersIn(measure.zero())).toBeUndefined();
    fc.assert(
      fc.property(entries, (x) => expect(answersIn(addAll(spec, x))).toBeUndefined()),
      RUNS,
    );
  });

  test('given nothing stored, then it reads as the empty state', () => {
    expect(seen(spec, measure.decode(null))).toBe(seen(spec, measure.zero()));
  });

  test('given fields that are missing, null or of another kind, then the state is the same: as if there was no event, but for count', () => {
    const value = spec.kind === null ? null : { op: 'field' as const, kind: spec.kind, path: ['v'], ...(spec.kind === 'decimal' ? { scale: spec.scale } : {}) };
    const fold = compileFold({
      event: 'e',
      window: '1m',
      buckets: 1,
      dimensions: [],
      measures: [{ name: 'm', measure: spec.name, of: value, options: spec.options, ...(spec.by === null ? {} : { by: rankedBy(spec.by) }) }],
      where: null,
    });
    const stateAfter = (...data: readonly object[]) => {
      const group = fold.zero();
      for (const [i, one] of data.entries())
        fold.add(group, { id: `${i}`, source: '/s', type: 'e', time: '2015-09-12T00:00:00.000Z', data: { by: 3, ...one } as never });
      return seen(spec, group.states[0]);
    };
    const nothings = [{}, { v: null }, { v: [] }, { v: {} }];
    const [missing, ...others] = nothings.map((one) => stateAfter(one));
    for (const other of others) expect(other).toBe(missing);
    if (spec.kind !== null) expect(missing).toBe(seen(spec, measure.zero()));
    fc.assert(
      fc.property(valuesOf(spec), (v) => {
        if (spec.kind !== null) expect(stateAfter(...nothings, { v }, ...nothings)).toBe(stateAfter(...nothings.map(() => ({ v: null })), { v }));
      }),
      { ...RUNS, numRuns: 20 },
    );
  });

  test('given tens of thousands of different values, then the stored state stays within its bound', () => {
    const r = random(7);
    const state = Array.from({ length: 30_000 }, (_, i) => manyValues(spec, i)).reduce<unknown>(
      (s, value) => measure.add(s, value, { time: '2015-09-12T00:00:00.000Z', id: `${r.integer(0, 1e9)}` }, spec.by === null ? null : r.integer(0, 1e9)),
      measure.zero(),
    );
    const bound = MAX_BYTES[spec.by === null ? spec.name : `${spec.name} by`];
    if (bound === undefined) throw new Error(`Expected a bound of ${spec.name}'s stored states in MAX_BYTES, got none. Add it.`);
    const bytes = Buffer.byteLength(seen(spec, state));
    expect({ bytes, isWithin: bytes <= bound }).toEqual({ bytes, isWithin: true });
    expect(seen(spec, copy(spec, state))).toBe(seen(spec, state));
  });
});

/** Bytes of a stored state of values of at most 16 characters. Quantiles: five digits of bucket and five of count for each of 50 steps of 200 powers of two. */
const MAX_BYTES: Readonly<Record<string, number>> = {
  count: 16,
  sum: 42,
  min: 24,
  max: 24,
  mean: 50,
  variance: 90,
  stddev: 90,
  uniques: 4_098,
  // 1,000 digests of 16 digits, and 2,001 places of five digits with as long a count.
  distinct: 19_020,
  histogram: 26_000,
  quantiles: 120_000,
  top: 26_000,
  // 1,000 sums of up to 14 digits and 16 characters of value.
  'top by': 40_000,
  latest: 80,
  first: 80,
};
const rankedBy = ({ kind, scale }: NonNullable<Spec['by']>) => ({
  measure: 'sum' as const,
  of: { op: 'field' as const, kind, scale, path: ['by'] },
  options: kind === 'float' ? { scale } : {},
});
const manyValues = ({ kind }: Spec, i: number) => {
  switch (kind) {
    case 'integer':
      return i * 7_919 - 60_000_000;
    case 'decimal':
      return (i - 15_000) / 100;
    case 'float':
      return (i % 2 === 0 ? 1 : -1) * 1.0137 ** (i % 10_000) * 1e-30;
    case 'text':
      return `value ${i}`;
    case 'boolean':
      return i % 2 === 0;
    default:
      return null;
  }
};

const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const r = random(seed);
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = r.integer(0, i);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
};
/** JSON has no −0, and neither has SQL's. */
const withoutMinusZero = (json: unknown): unknown => JSON.parse(JSON.stringify(json), (_, value) => (Object.is(value, -0) ? 0 : value));
