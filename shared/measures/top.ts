import { z } from 'zod';
import type { Arg, Field, ReadsOf } from '../definition/expression.ts';
import type { Countable, Kind } from '../definition/kinds.ts';
import { compareText } from '../definition/text.ts';
import { type Json, type Measure, type MeasureKind, type MeasureUse, measureOf, type ValueOfExpression, type Where } from './measure.ts';
import { type Limits, topTotals } from './top-totals.ts';
import { valueSchema } from './value-schema.ts';

export interface TopOptions {
  /** Values that a stored state keeps, 10 to 10,000, by default 1,000; counts are exact if a window has no more. */
  readonly keep?: number;
  /** Values that an answer lists, by default 10. */
  readonly limit?: number;
}

export interface ByOption<B> {
  /** What ranks the values: `sum(…)`, or `count()`, which is the default. */
  readonly by?: B extends MeasureUse<'sum' | 'count'>
    ? B
    : B extends MeasureUse<infer N>
      ? `top: by takes sum(…) or count(), not ${N}`
      : B extends Field<infer P, Kind>
        ? `top: by takes a measure; '${P}' is a field: write sum(…) of it`
        : 'top: by takes a measure such as sum(edit.added)';
}
type Row<A, B> = [B] extends [MeasureUse<'sum'>]
  ? [B] extends [never]
    ? { readonly value: ValueOfExpression<A>; readonly count: number }
    : { readonly value: ValueOfExpression<A>; readonly sum: number }
  : { readonly value: ValueOfExpression<A>; readonly count: number };
type ReadsOfMeasure<B> = B extends MeasureUse<string, unknown, infer R> ? R : never;

/**
 * The most frequent values with their counts, or those with the largest sums; ties by value. The state is a mergeable summary,
 * a sketch of bounded size.
 * @example top(edit.page)
 * @example top(order.coupon, { keep: 100, limit: 5 })
 * @example top(order.customer, { by: sum(order.price) }) // answers [{ value, sum }]
 */
export const top = <const A, const W = never, const B = never>(
  a: Arg<'top', A, Countable, 'text, an integer or a boolean'>,
  options: TopOptions & Where<W> & ByOption<B> = {},
): MeasureUse<'top', readonly Row<A, B>[], ReadsOf<A> | ReadsOf<W> | ReadsOfMeasure<B>> => {
  const { by, ...rest } = options;
  return measureOf('top', a, rest, by);
};

const LIMIT = 10;
/** A batch state keeps this many times more: Parquet has room, and its windows are longer. */
const BATCH_FACTOR = 10;

interface Top {
  counts: Map<string, number>;
  /** No value's count, kept or not, is too low by more than this. */
  lost: number;
}

const ranked = (counts: Map<string, number>, compare: (v: string, w: string) => number): [string, number][] =>
  [...counts].sort(([v, n], [w, m]) => m - n || compare(v, w));
/** The most frequent `keep` values, ranked. A dropped value had at most the largest dropped count (Agarwal et al., Mergeable Summaries, 2013). */
const prune = ({ counts, lost }: Top, keep: number): { kept: [string, number][]; lost: number } => {
  const order = ranked(counts, compareText);
  return { kept: order.slice(0, keep), lost: lost + (order[keep]?.[1] ?? 0) };
};
const count = (counts: Map<string, number>, value: string, n: number) => counts.set(value, (counts.get(value) ?? 0) + n);

const topCounts = ({ keep, keepInBatch, limit, typed, compare }: Limits): Measure<Top> => ({
  zero: () => ({ counts: new Map(), lost: 0 }),
  add: (state, value) => {
    count(state.counts, String(value), 1);
    if (state.counts.size <= 2 * keep) return state;
    const { kept, lost } = prune(state, keep);
    return { counts: new Map(kept), lost };
  },
  merge: (a, b) => {
    for (const [value, n] of b.counts) count(a.counts, value, n);
    a.lost += b.lost;
    return a;
  },
  present: ({ counts }) =>
    ranked(counts, compare)
      .slice(0, limit)
      .map(([value, n]) => ({ value: typed(value), count: n })),
  undercount: ({ lost }) => lost,
  encode: (state) => {
    const { kept, lost } = prune(state, keep);
    return [lost, ...kept.flat()];
  },
  decode: (json: Json) => {
    const list = (json ?? []) as readonly Json[];
    if (typeof list[0] === 'number') {
      const counts = new Map<string, number>();
      for (let i = 1; i < list.length; i += 2) counts.set(String(list[i]), Number(list[i + 1]));
      return { counts, lost: list[0] };
    }
    const rows = list as unknown as readonly { n: number; v: string }[];
    return { counts: new Map(rows.slice(0, keepInBatch).map(({ n, v }) => [v, -n])), lost: -(rows[keepInBatch]?.n ?? 0) };
  },
  totals: ({ counted }) => (counted === null ? undefined : { [counted]: 'count(*)' }),
  sql: (dialect, value) => dialect.json(dialect.topCounts(`CAST(${value} AS VARCHAR)`, keepInBatch + 1)),
});

/** Its states are those of counts or, with `by`, of totals: which of them, only they know. */
export const topKind: MeasureKind<unknown, TopOptions> = {
  name: 'top',
  takes: { kinds: ['text', 'integer', 'boolean'], words: 'text, an integer or a boolean' },
  options: z.strictObject({
    keep: z.int().min(10).max(10_000).exactOptional().meta({ description: 'a whole number from 10 to 10,000', example: '1_000' }),
    limit: z.int().min(1).max(1_000).exactOptional().meta({ description: 'a whole number from 1 to 1,000', example: '10' }),
  }),
  answers: ({ kind, options, by }) =>
    z
      .array(by === undefined ? z.object({ value: valueSchema(kind), count: z.int().min(1) }) : z.object({ value: valueSchema(kind), sum: z.number() }))
      .max(options.limit ?? LIMIT),
  ranks: true,
  build: ({ kind, options, by }) => {
    const keep = options.keep ?? 1_000;
    const limits: Limits = {
      keep,
      keepInBatch: keep * BATCH_FACTOR,
      limit: options.limit ?? LIMIT,
      typed: (text) => (kind === 'integer' ? Number(text) : kind === 'boolean' ? text === 'true' : text),
      compare: kind === 'integer' ? (v, w) => Number(v) - Number(w) : compareText,
    };
    return by === undefined ? (topCounts(limits) as Measure) : (topTotals({ by }, limits) as Measure);
  },
};
