import { everywhere, type NamedExclusion } from '../exclusions/exclusions.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { excludedSql } from '../sql/exclusions.ts';
import { daysInPieces } from './chunks.ts';
import type { Events, Parsed } from './parts.ts';

/**
 * Event days, by type, that are affected by new or withdrawn exclusions: those in an exclusion's range of times, and those
 * that contain the single events it names, for which every day is searched.
 */
export const excludedDays = async (
  { dialect, rows }: Pick<SqlEngine, 'dialect' | 'rows'>,
  events: Events,
  parsed: Parsed,
  before: readonly NamedExclusion[],
  after: readonly NamedExclusion[],
): Promise<Record<string, string[]>> => {
  const isIn = (list: readonly NamedExclusion[], { id }: NamedExclusion) => list.some((other) => other.id === id);
  const changed = [...before.filter((one) => !isIn(after, one)), ...after.filter((one) => !isIn(before, one))];
  const found: Record<string, string[]> = {};
  if (changed.length === 0) return found;
  for (const [type, days] of Object.entries(parsed.events)) {
    const touched = new Set<string>();
    for (const { events: named, type: only } of changed) {
      if ('ids' in named || (only !== null && only !== type)) continue;
      for (const day of Object.keys(days)) if (day >= named.from.slice(0, 10) && day <= named.to.slice(0, 10)) touched.add(day);
    }
    const single = excludedSql(dialect, everywhere(changed.filter(({ events: named }) => 'ids' in named)), type);
    const others = single === null ? [] : Object.keys(days).filter((day) => !touched.has(day));
    for (const some of daysInPieces(others))
      for (const { day } of await rows(`SELECT DISTINCT day FROM ${await events(parsed, { type, days: some }, [])} AS e WHERE ${single}`))
        touched.add(String(day));
    if (touched.size > 0) found[type] = [...touched].sort();
  }
  return found;
};
