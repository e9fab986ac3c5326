import type { Scalar } from '../../shared/definition/definition.ts';
import type { Kind } from '../../shared/definition/kinds.ts';
import type { Json, Measure } from '../../shared/measures/measure.ts';
import { measureKind, registry } from '../../shared/measures/registry.ts';
import { expectGoldenJson } from '../support/golden.ts';

interface Case {
  readonly kind: Kind | null;
  readonly scale?: number;
  readonly options?: Readonly<Record<string, unknown>>;
  /** What the values are ranked by, one for each. */
  readonly by?: { readonly kind: Kind; readonly scale: number; readonly values: readonly (Scalar | null)[] };
  readonly values: readonly (Scalar | null)[];
  /** States of these values as SQL gives them, on any engine: they are in view files. */
  readonly sql: readonly Json[];
  /** States that an earlier version stored, of which less is known; they answer alike all the same. */
  readonly before?: readonly Json[];
}
const nulls = (n: number) => Array.from({ length: n }, () => null);
const named = (n: number) => Array.from({ length: n }, (_, i) => `user ${i}`);

/** Fixed values of each measure. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  count: [{ kind: null, values: nulls(12), sql: [12, '12'] }],
  sum: [
    { kind: 'integer', values: [1, -2, 3_000_000], sql: ['2999999'] },
    { kind: 'integer', values: [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], sql: ['18014398509481982'] },
    { kind: 'decimal', scale: 2, values: [19.99, 0.01, -3.33], sql: ['1667', ['1667', 0]] },
    { kind: 'float', scale: 6, options: { scale: 6 }, values: [0.1, 0.2, -1.5, 1e-9], sql: ['-1200000', ['-1200000', 0]] },
    { kind: 'float', scale: 3, options: { scale: 3 }, values: [1.5e16, 1], sql: [['1000', 1]] },
    { kind: 'float', scale: 0, options: { scale: 0 }, values: [1e300], sql: [[null, 1]] },
  ],
  mean: [
    { kind: 'integer', values: [1, 2, 4], sql: [[3, '7']] },
    {
      kind: 'float',
      scale: 3,
      options: { scale: 3 },
      values: [0.5, 0.25],
      sql: [
        [2, '750'],
        [2, '750', 0],
      ],
    },
    { kind: 'float', scale: 3, options: { scale: 3 }, values: [0.5, 1e300], sql: [[1, '500', 1]] },
  ],
  min: [
    { kind: 'integer', values: [5, -3, 8], sql: [-3] },
    { kind: 'text', values: ['b', '\uffee', '😀', 'a'], sql: ['a'] },
  ],
  max: [
    { kind: 'float', values: [0.5, -3, 0.25], sql: [0.5] },
    { kind: 'text', values: ['b', '\uffee', '😀', 'a'], sql: ['😀'] },
  ],
  uniques: [
    // SQL lists codes as they come, several of one register among them; the fold keeps the largest.
    { kind: 'text', values: ['', 'a', 'b', 'é', '😀', 'a'], sql: [] },
    { kind: 'integer', values: [0, 1, -1, Number.MAX_SAFE_INTEGER], sql: [] },
    { kind: 'boolean', values: [true, false, true], sql: [] },
    { kind: 'text', values: named(3_000), sql: [] },
  ],
  quantiles: [
    {
      kind: 'integer',
      values: [0, 1, 1, -1, 50, 51, 1_000_000],
      sql: [[{ '0': 1, '60000': 2, '-60000': 1, '60278': 1, '60279': 1, '60995': 1 }, -1, 1_000_000]],
      before: [{ '0': 1, '60000': 2, '-60000': 1, '60278': 1, '60279': 1, '60995': 1 }, [-60000, 1, 0, 1, 60000, 2, 60278, 1, 60279, 1, 60995, 1]],
    },
    { kind: 'decimal', scale: 2, values: [0.01, 19.99, -3.33], sql: [] },
    { kind: 'float', values: [5e-324, 1e-7, 1e22, 7.9e307], sql: [] },
  ],
  top: [
    {
      kind: 'text',
      values: ['b', 'a', 'b', '', '😀', '\uffee'],
      sql: [
        [
          { n: -2, v: 'b' },
          { n: -1, v: '' },
          { n: -1, v: 'a' },
          { n: -1, v: '\uffee' },
          { n: -1, v: '😀' },
        ],
      ],
    },
    {
      kind: 'integer',
      values: [3, 3, -1],
      sql: [
        [
          { n: -2, v: '3' },
          { n: -1, v: '-1' },
        ],
      ],
    },
    { kind: 'text', options: { keep: 10 }, values: [...named(12), ...named(3)], sql: [] },
    {
      kind: 'text',
      by: { kind: 'decimal', scale: 2, values: [1.5, 20, 0.25, -30.01, null, 3e13] },
      values: ['b', 'a', 'b', '😀', 'c', 'd'],
      sql: [
        {
          out: 1,
          rows: [
            { v: '😀', t: '-3001' },
            { v: 'a', t: '2000' },
            { v: 'b', t: '175' },
          ],
        },
      ],
    },
    {
      kind: 'integer',
      options: { keep: 10 },
      by: { kind: 'integer', scale: 0, values: Array.from({ length: 12 }, () => Number.MAX_SAFE_INTEGER) },
      values: [...Array.from({ length: 10 }, () => 7), 8, 9],
      sql: [],
    },
  ],
  variance: [
    { kind: 'integer', values: [2, 4, 4, 4, 5, 5, 7, 9], sql: [[8, '40', '232', 0]] },
    { kind: 'integer', values: [Number.MAX_SAFE_INTEGER, 3], sql: [[1, '3', '9', 1]] },
    { kind: 'decimal', scale: 2, values: [0.01, 123_456_789.99], sql: [[2, '12345679000', '152415789946349642002', 0]] },
  ],
  stddev: [{ kind: 'float', scale: 1, options: { scale: 1 }, values: [0.5, -0.5, 1e300], sql: [[2, '0', '50', 1]] }],
  histogram: [
    { kind: 'integer', options: { step: 10 }, values: [0, 9, 10, -1, 99_999], sql: [{ '-1': 1, '0': 2, '1': 1, '1000': 1 }] },
    { kind: 'decimal', scale: 2, options: { step: 0.1 }, values: [0.3, 0.29], sql: [{ '2': 1, '3': 1 }] },
    { kind: 'float', options: { bounds: [0, 0.5] }, values: [-1, 0, 0.5, 7e307], sql: [{ '0': 1, '1': 1, '2': 2 }] },
  ],
  distinct: [
    // SQL lists digests and codes as they come.
    { kind: 'text', values: ['', 'a', 'b', 'a'], sql: [] },
    { kind: 'integer', options: { exact: 2 }, values: [0, 1, 2], sql: [] },
  ],
  latest: [{ kind: 'text', values: ['b', 'a'], sql: [{ t: '2015-09-12T00:00:01.000Z', id: 'id-1', v: 'a' }] }],
  first: [{ kind: 'boolean', values: [true, false], sql: [{ t: '2015-09-12T00:00:00.000Z', id: 'id-0', v: true }] }],
};

const build = (name: string, { kind, scale = 0, options = {}, by }: Case): Measure =>
  measureKind(name).build({ kind, scale, options, ...(by === undefined ? {} : { by }) });
const stateOf = (measure: Measure, { values, by }: Case) =>
  values.reduce<unknown>(
    (state, value, i) => measure.add(state, value, { time: `2015-09-12T00:00:0${i % 10}.000Z`, id: `id-${i}` }, by?.values[i] ?? null),
    measure.zero(),
  );

test('given the registry, then every measure has its states pinned', () => {
  expect(Object.keys(CASES).sort()).toEqual(registry.map(({ name }) => name).sort());
});

describe.each(registry.map(({ name }) => name))('%s', (name) => {
  const cases = CASES[name] ?? [];

  test('given fixed values, then the stored state is what it was, and so is its answer', () => {
    expectGoldenJson(
      `states/${name}.json`,
      cases.map((one) => {
        const measure = build(name, one);
        const encoded = measure.encode(stateOf(measure, one));
        const answer = measure.present(measure.decode(JSON.parse(JSON.stringify(encoded))));
        return { ...one, ...(one.values.length > 100 ? { values: `${one.values.length} values` } : {}), encoded, answer };
      }),
    );
  });

  test('given the state that SQL stored for the same values, then it reads as the same', () => {
    for (const one of cases) {
      const measure = build(name, one);
      for (const json of one.sql) expect(JSON.stringify(measure.encode(measure.decode(json)))).toBe(JSON.stringify(measure.encode(stateOf(measure, one))));
    }
  });
});

test("given quantiles that were stored without extremes, then they merge with today's, and answer as they did", () => {
  for (const one of CASES.quantiles ?? []) {
    const measure = build('quantiles', one);
    const today = measure.encode(stateOf(measure, one));
    for (const before of one.before ?? []) {
      const answer = { p50: 1, p90: 1_001_363, p99: 1_001_363 };
      expect(measure.present(measure.decode(before))).toEqual(answer);
      expect(measure.present(measure.merge(measure.decode(today), measure.decode(before)))).toEqual(answer);
      expect(measure.encode(measure.merge(measure.zero(), measure.decode(before)))).toEqual(one.before?.[1]);
    }
  }
});

test('given several ranks of one register, as SQL lists them, then the largest counts', () => {
  const measure = measureKind('uniques').build({ kind: 'text', scale: 0, options: {} });
  expect(measure.encode(measure.decode([64 * 7 + 1, 64 * 7 + 5, 64 * 7 + 2, 64 * 9 + 53]))).toEqual([64 * 7 + 5, 64 * 9 + 53]);
});
