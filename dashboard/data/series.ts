import type { Answer, Row } from '../api/types.ts';
import { isStep, nextAfter } from '../time/steps.ts';
import { mainNumber, percentilesOf } from './measures.ts';

/** A window of a chart. */
export interface Point {
  readonly from: number;
  readonly to: number;
  readonly row: Row;
  /** It has not begun yet. */
  readonly isFuture: boolean;
  /** More of its events may come. */
  readonly isFilling: boolean;
}

/** An answer's windows in their order, with their ends. */
export const pointsOf = ({ rows, to }: Pick<Answer, 'rows' | 'to'>, nowMs: number): readonly Point[] => {
  const starts = rows.map(({ window }) => Date.parse(window));
  return rows.map((row, i) => {
    const from = starts[i] as number;
    const end = starts[i + 1] ?? Date.parse(to);
    const isFuture = from > nowMs;
    return { from, to: end, row, isFuture, isFilling: !isFuture && end > nowMs };
  });
};

/** The number of a figure in each window; null where there is none yet. */
export const numbersOf = (points: readonly Point[], figure: string): (number | null)[] =>
  points.map(({ row, isFuture }) => (isFuture ? null : mainNumber(row[figure])));

/** Those of the range that it is compared with; null if nothing is known of it. */
export const previousOf = (points: readonly Point[], figure: string): (number | null)[] | null => {
  const values = points.map(({ row: { previous } }) => (previous === undefined || previous === null ? null : mainNumber(previous[figure])));
  return values.some((value) => value !== null) ? values : null;
};

/** How much of a figure that adds up comes from the batch layer. */
export const batchPartOf = (points: readonly Point[], figure: string): (number | null)[] =>
  points.map(({ row: { parts }, isFuture }) => (isFuture || parts === undefined ? null : (mainNumber(parts.batch[figure]) ?? 0)));

/** Percentiles by name, each with its number in each window. */
export const bandsOf = (points: readonly Point[], figure: string): readonly { readonly name: string; readonly values: (number | null)[] }[] => {
  const names = [...new Set(points.flatMap(({ row }) => percentilesOf(row[figure]).map(([name]) => name)))];
  return names.map((name) => ({
    name,
    values: points.map(({ row, isFuture }) => (isFuture ? null : (percentilesOf(row[figure]).find(([one]) => one === name)?.[1] ?? null))),
  }));
};

/** The window at the same place of the range that is compared with; null if there is none. */
export const comparedWindow = (
  { compare, every }: Pick<Answer, 'compare' | 'every'>,
  index: number,
  zone: string,
): { readonly from: number; readonly to: number } | null => {
  if (compare === undefined || !isStep(every)) return null;
  const end = Date.parse(compare.to);
  let from = Date.parse(compare.from);
  for (let i = 0; i < index; i++) from = nextAfter(from, every, zone);
  return from < end ? { from, to: Math.min(end, nextAfter(from, every, zone)) } : null;
};
