import type { Row } from '../api/types.ts';
import { type Value, valueKey } from '../words/names.ts';
import { mainNumber } from './measures.ts';

export interface Group {
  /** Different for each group, as their names may not be. */
  readonly key: string;
  readonly value: Value;
  /** All groups that have no part of their own. */
  readonly isOther: boolean;
  readonly values: readonly (number | null)[];
  readonly sum: number;
}
export interface Breakdown {
  /** Starts of windows. */
  readonly windows: readonly number[];
  /** The largest first, the others last. */
  readonly groups: readonly Group[];
  readonly totals: readonly number[];
  readonly sum: number;
}

/** Rows by window and group as one series a group. */
export const breakdownOf = (rows: readonly Row[], dimension: string, figure: string): Breakdown => {
  const windows = [...new Set(rows.map(({ window }) => Date.parse(window)))].sort((a, b) => a - b);
  const place = new Map(windows.map((window, i) => [window, i]));
  const found = new Map<string, { key: string; value: Value; isOther: boolean; values: (number | null)[] }>();
  for (const row of rows) {
    const value = row[dimension] as Value;
    const key = row.other === true ? 'other' : valueKey(value);
    let group = found.get(key);
    if (group === undefined) {
      group = { key, value, isOther: row.other === true, values: windows.map(() => null) };
      found.set(key, group);
    }
    group.values[place.get(Date.parse(row.window)) as number] = mainNumber(row[figure]);
  }
  const groups = [...found.values()]
    .map((group) => ({ ...group, sum: group.values.reduce<number>((sum, value) => sum + (value ?? 0), 0) }))
    .sort((a, b) => Number(a.isOther) - Number(b.isOther) || b.sum - a.sum);
  const totals = windows.map((_, i) => groups.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  return { windows, groups, totals, sum: groups.reduce((sum, group) => sum + group.sum, 0) };
};

/** The group whose part of a stack is at a height; none above it. */
export const segmentAt = ({ groups }: Breakdown, window: number, height: number): Group | undefined => {
  let top = 0;
  return groups.find(({ values }) => {
    top += values[window] ?? 0;
    return height < top;
  });
};
