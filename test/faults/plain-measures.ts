import type { StoredEvent } from '../../shared/log/stored-event.ts';

// What a plain reader makes of events: for each kind of measure, the answer by a scan of all of them.

export const values = (field: string) => (events: readonly StoredEvent[]) => events.map(({ data }) => data[field] ?? null).filter((value) => value !== null);
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
/** By event time, then id. Copies of an event are one, so nothing else decides. */
export const inTime = (events: readonly StoredEvent[]) => [...events].sort((a, b) => byText(a.time, b.time) || byText(a.id, b.id));
export const total = (numbers: readonly unknown[], scale: number) => numbers.reduce<number>((all, n) => all + Math.round(Number(n) * scale), 0);
export const orNull = (numbers: readonly unknown[], of: (numbers: readonly number[]) => number) => (numbers.length === 0 ? null : of(numbers as number[]));
/** Of small whole numbers, so all but the division is exact. */
export const varianceOf = (all: readonly number[]) =>
  (all.length *
    total(
      all.map((n) => n * n),
      1,
    ) -
    total(all, 1) ** 2) /
  all.length ** 2;
export const ranked = (texts: readonly unknown[]) => {
  const counts = new Map<string, number>();
  for (const text of texts as string[]) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || byText(a, b))
    .slice(0, 10)
    .map(([value, n]) => ({ value, count: n }));
};

export const rankedBy = (field: string, by: string, scale: number) => (events: readonly StoredEvent[]) => {
  const sums = new Map<string, number>();
  for (const { data } of events) {
    const [text, n] = [data[field] ?? null, data[by] ?? null] as [string | null, number | null];
    if (text !== null && n !== null) sums.set(text, (sums.get(text) ?? 0) + Math.round(n * scale));
  }
  return [...sums]
    .sort(([a, n], [b, m]) => m - n || byText(a, b))
    .slice(0, 10)
    .map(([value, n]) => ({ value, sum: n / scale }));
};
