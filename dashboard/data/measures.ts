import type { Answer, Measure, Metric } from '../api/types.ts';

/**
 * How a measure is drawn: what adds up is a bar, what does not is a line; quantiles are bands; `list` is top, and `text` has no
 * picture.
 */
export type Shape = 'bar' | 'line' | 'band' | 'histogram' | 'list' | 'text';
export interface Figure {
  readonly name: string;
  readonly kind: string;
  readonly shape: Shape;
  /** What the API orders groups by; null if it cannot. */
  readonly order: string | null;
  /** Relative error that no answer exceeds; null of what is exact, or estimated. */
  readonly bound: number | null;
  /** In words: what the number says. */
  readonly says: string;
}

const LINES = new Set(['mean', 'variance', 'stddev', 'uniques', 'distinct', 'formula']);
const VALUES = new Set(['min', 'max', 'latest', 'first']);
const NUMBERS = new Set(['integer', 'decimal', 'float']);
const shapeOf = ({ kind, of = '', addsUp = false }: Measure): Shape => {
  if (addsUp) return 'bar';
  if (LINES.has(kind)) return 'line';
  if (VALUES.has(kind)) return NUMBERS.has(of) ? 'line' : 'text';
  if (kind === 'quantiles') return 'band';
  return kind === 'histogram' ? 'histogram' : kind === 'top' ? 'list' : 'text';
};

const SAYS: Readonly<Record<string, string>> = {
  count: 'each event counts once',
  sum: 'the sum of',
  mean: 'the mean of',
  variance: 'the variance of',
  stddev: 'the standard deviation of',
  min: 'the least',
  max: 'the greatest',
  uniques: 'different values of',
  distinct: 'different values of',
  quantiles: 'how the values spread of',
  histogram: 'how many values are in each bucket of',
  top: 'the most frequent',
  latest: 'of the newest event:',
  first: 'of the oldest event:',
};
const saysOf = ({ kind, value, where }: Measure): string =>
  [SAYS[kind] ?? kind, ...(value === undefined ? [] : [value]), ...(where === undefined ? [] : [`where ${where}`])].join(' ');

/** Percentiles are named by the answer; the first is the one that a card shows. */
const orderOf = (name: string, shape: Shape): string | null => {
  if (shape === 'band') return `${name}.p50`;
  return shape === 'bar' || shape === 'line' ? name : null;
};

/** A metric's measures and formulas, in the pipeline's order. */
export const figuresOf = ({ measures, formulas = [] }: Metric): readonly Figure[] => [
  ...measures.map((measure): Figure => {
    const shape = shapeOf(measure);
    const { name, kind, errorBound } = measure;
    return { name, kind, shape, order: orderOf(name, shape), bound: errorBound ?? null, says: saysOf(measure) };
  }),
  ...formulas.map(({ name, of }): Figure => ({ name, kind: 'formula', shape: 'line', order: name, bound: null, says: of })),
];

/** How far the numbers of an answer may be off, relatively; null if they are exact, as some are until they are many. */
export const errorIn = ({ name, bound }: Figure, { estimates }: Pick<Answer, 'estimates'>): number | null => bound ?? estimates[name] ?? null;

/** Those with a card. */
export const cardsOf = (metric: Metric): readonly Figure[] => figuresOf(metric).filter(({ shape }) => shape !== 'list' && shape !== 'histogram');

/** By which groups are ranked: the chosen one, if it has an order, else the first that has. */
export const rankOf = (metric: Metric, chosen: string): Figure | null => {
  const able = figuresOf(metric).filter(({ order }) => order !== null);
  return able.find(({ name }) => name === chosen) ?? able[0] ?? null;
};

const isNumber = (value: unknown): value is number => typeof value === 'number';
/** An answer's numbers: percentiles by name, other figures under their own name. */
export const percentilesOf = (value: unknown): readonly (readonly [string, number | null])[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).map(([name, one]) => [name, isNumber(one) ? one : null] as const)
    : [];
/** The one number of a figure that a card, a line or a list shows: of percentiles, the median, or else the first. */
export const mainNumber = (value: unknown): number | null => {
  if (isNumber(value)) return value;
  const percentiles = percentilesOf(value);
  return (percentiles.find(([name]) => name === 'p50') ?? percentiles[0])?.[1] ?? null;
};

interface Entry {
  readonly value?: unknown;
  readonly count?: number;
  readonly sum?: number;
  readonly from?: number | null;
  readonly to?: number | null;
}
/** What a list or a histogram has of one of its values; null if it has not. */
export const amountIn = ({ shape }: Figure, answered: unknown, value: string): number | null => {
  if (!Array.isArray(answered)) return null;
  const isIt = ({ value: one, from, to }: Entry): boolean =>
    shape === 'histogram'
      ? (from === null || from === undefined || Number(value) >= from) && (to === null || to === undefined || Number(value) < to)
      : String(one) === value;
  const found = (answered as readonly Entry[]).find(isIt);
  return found?.count ?? found?.sum ?? null;
};
