import { everywhere, type NamedExclusion } from '../exclusions/exclusions.ts';
import type { EventPart, SqlEngine } from '../ports/sql-engine.ts';
import { excludedSql } from '../sql/exclusions.ts';
import type { Manifest } from './manifest.ts';

/** Parts in one query. */
const MAX_PARTS = 900;

/**
 * Event days, by type, that are affected by new or withdrawn exclusions: those in an exclusion's range of times, and those
 * that contain the single events it names, for which every day is searched.
 */
export const excludedDays = async (
  engine: Pick<SqlEngine, 'dialect' | 'rows'> & { readonly eventsOf: (parts: readonly EventPart[]) => Promise<string> },
  before: readonly NamedExclusion[],
  after: readonly NamedExclusion[],
  events: Manifest['events'],
): Promise<Record<string, string[]>> => {
  const isIn = (list: readonly NamedExclusion[], { id }: NamedExclusion) => list.some((other) => other.id === id);
  const changed = [...before.filter((one) => !isIn(after, one)), ...after.filter((one) => !isIn(before, one))];
  const found: Record<string, string[]> = {};
  if (changed.length === 0) return found;
  for (const [type, days] of Object.entries(events)) {
    const touched = new Set<string>();
    for (const { events: named, type: only } of changed) {
      if ('ids' in named || (only !== null && only !== type)) continue;
      for (const day of Object.keys(days)) if (day >= named.from.slice(0, 10) && day <= named.to.slice(0, 10)) touched.add(day);
    }
    const single = excludedSql(engine.dialect, everywhere(changed.filter(({ events: named }) => 'ids' in named)), type);
    const parts = Object.entries(days).flatMap(([day, runs]) => (touched.has(day) ? [] : runs.map((run) => ({ type, day, run }))));
    for (let i = 0; single !== null && i < parts.length; i += MAX_PARTS) {
      const rows = await engine.rows(`SELECT DISTINCT substr(time, 1, 10) AS day FROM ${await engine.eventsOf(parts.slice(i, i + MAX_PARTS))} WHERE ${single}`);
      for (const { day } of rows) touched.add(String(day));
    }
    if (touched.size > 0) found[type] = [...touched].sort();
  }
  return found;
};
