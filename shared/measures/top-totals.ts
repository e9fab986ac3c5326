import type { Scalar } from '../definition/definition.ts';
import { compareText } from '../definition/text.ts';
import { addExact, decodeSum, encodeSum, isInexact, scaled, summand, totalSql, unscaled } from './exact-sum.ts';
import type { Json, Measure, MeasureSpec } from './measure.ts';

type Whole = number | bigint;
interface Totals {
  sums: Map<string, Whole>;
  /** No value's sum, kept or not, is off by more than this. */
  lost: Whole;
  /** How many values to add were out of range. */
  out: number;
}
/** How many values a state keeps and an answer lists, and how a value's text reads. */
export interface Limits {
  readonly keep: number;
  readonly keepInBatch: number;
  readonly limit: number;
  readonly typed: (text: string) => Json;
  readonly compare: (v: string, w: string) => number;
}

const size = (n: Whole): Whole => (n < 0 ? -n : n);
const compareWhole = (n: Whole, m: Whole): number => (n < m ? -1 : n > m ? 1 : 0);
const plus = (a: Whole, b: Whole): Whole => addExact(a, b) as Whole;

/**
 * The values with the largest sums of another: the summary of `top`, but for weights. What is dropped has the smallest sums by
 * magnitude, so that negative ones are bounded too, and that magnitude is remembered.
 */
export const topTotals = ({ by }: Required<Pick<MeasureSpec<unknown>, 'by'>>, { keep, keepInBatch, limit, typed, compare }: Limits): Measure<Totals> => {
  const whole = scaled(by.kind, by.scale) as (value: Scalar) => Whole | null;
  const add = (sums: Map<string, Whole>, value: string, n: Whole) => sums.set(value, plus(sums.get(value) ?? 0, n));
  const prune = ({ sums, lost, out }: Totals): { kept: [string, Whole][]; lost: Whole; out: number } => {
    const order = [...sums].sort(([v, n], [w, m]) => compareWhole(size(m), size(n)) || compareText(v, w));
    return { kept: order.slice(0, keep), lost: plus(lost, size(order[keep]?.[1] ?? 0)), out };
  };
  const listed = ({ sums }: Totals) => [...sums].sort(([v, n], [w, m]) => compareWhole(m, n) || compare(v, w)).slice(0, limit);
  return {
    zero: () => ({ sums: new Map(), lost: 0, out: 0 }),
    add: (state, value, _, given = null) => {
      if (given === null) return state;
      const n = whole(given);
      if (n === null) {
        state.out++;
        return state;
      }
      add(state.sums, String(value), n);
      if (state.sums.size <= 2 * keep) return state;
      const { kept, ...rest } = prune(state);
      return { sums: new Map(kept), ...rest };
    },
    merge: (a, b) => {
      for (const [value, n] of b.sums) add(a.sums, value, n);
      a.lost = plus(a.lost, b.lost);
      a.out += b.out;
      return a;
    },
    present: (state) => listed(state).map(([value, n]) => ({ value: typed(value), sum: unscaled(n, by.scale) })),
    isInexact: (state) => listed(state).some(([, n]) => isInexact(n, by.scale)),
    undercount: ({ lost }) => unscaled(lost, by.scale),
    outOfRange: ({ out }) => out,
    encode: (state) => {
      const { kept, lost, out } = prune(state);
      return [[encodeSum(lost), out], ...kept.flatMap(([value, n]) => [value, encodeSum(n)])];
    },
    decode: (json: Json) => {
      if (!Array.isArray(json)) return decodeSql((json ?? { out: 0, rows: null }) as unknown as SqlTotals, keepInBatch);
      const [[lost, out], ...list] = json as unknown as [[Json, number], ...Json[]];
      const sums = new Map<string, Whole>();
      for (let i = 0; i < list.length; i += 2) sums.set(String(list[i]), decodeSum(list[i + 1] ?? null) as Whole);
      return { sums, lost: decodeSum(lost) as Whole, out };
    },
    totals: (dialect, given) => ({
      _total: totalSql(dialect, given, by.kind, by.scale),
      _out: `count(${given}) - count(${summand(given, by.kind, by.scale)})`,
    }),
    sql: (dialect, value) =>
      `'{"out":' || CAST(sum(_out) AS VARCHAR) || ',"rows":' || coalesce(${dialect.json(dialect.topTotals(`CAST(${value} AS VARCHAR)`, '_total', keepInBatch + 1))}, 'null') || '}'`,
  };
};

interface SqlTotals {
  readonly out: number;
  readonly rows: readonly { readonly v: string; readonly t: string }[] | null;
}
const decodeSql = ({ out, rows }: SqlTotals, keep: number): Totals => {
  const whole = (text: string) => decodeSum(text) as Whole;
  const all = rows ?? [];
  return { sums: new Map(all.slice(0, keep).map(({ v, t }) => [v, whole(t)])), lost: size(whole(all[keep]?.t ?? '0')), out: Number(out) };
};
