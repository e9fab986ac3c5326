import type { InForce } from '../sql/lookups.ts';

/** Versions are ordered by `from`, then by age: of two with the same, the later one is in force. */
type Versions = readonly InForce[];

/** The rows that are in force for an event time, null if there are none. */
export const rowsAt = (versions: Versions, table: string, time: string): string | null =>
  versions.findLast((one) => one.table === table && one.from <= time)?.rows ?? null;

/** Those of some tables that may be in force at times from ≤ time < to. */
export const within = (versions: Versions, tables: ReadonlySet<string>, from: string, to: string): InForce[] =>
  [...tables].flatMap((table) => {
    const own = versions.filter((one) => one.table === table && one.from < to);
    return own.slice(
      Math.max(
        0,
        own.findLastIndex((one) => one.from <= from),
      ),
    );
  });

const DAY_MS = 86_400_000;
/** The times of a day: from ≤ time < to. */
export const timesOf = (day: string): { readonly from: string; readonly to: string } => ({
  from: `${day}T00:00:00.000Z`,
  to: new Date(Date.parse(day) + DAY_MS).toISOString(),
});

/** Days on which events have other rows of these tables after a change than before it. */
export const changedDays = (before: Versions, after: Versions, tables: ReadonlySet<string>, days: readonly string[]): string[] =>
  days.filter((day) => courseOf(before, tables, day) !== courseOf(after, tables, day));

/** Which rows are in force in the course of a day, as text. */
const courseOf = (versions: Versions, tables: ReadonlySet<string>, day: string): string => {
  const { from, to } = timesOf(day);
  const course: string[] = [];
  for (const table of [...tables].sort()) {
    const starts = [...new Set(within(versions, new Set([table]), from, to).map((one) => (one.from < from ? from : one.from)))];
    let last: string | null = null;
    for (const start of starts) {
      const rows = rowsAt(versions, table, start);
      if (rows !== last) course.push(`${table} ${start} ${rows}`);
      last = rows;
    }
  }
  return course.join('\n');
};
