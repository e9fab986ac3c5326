import type { MetricDefinition } from '../definition/definition.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { timesOf, within } from '../lookups/in-force.ts';
import { readTable } from '../lookups/table-file.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { type InForce, type LookUp, lookedUpSql, NO_LOOKUPS } from '../sql/lookups.ts';

/**
 * How statements look up what a definition says. Each table is read and compared with its name before a
 * statement uses it, since an engine may read a missing file as one without rows.
 */
export const lookedUpEvents = ({ dialect, tables }: Pick<SqlEngine, 'dialect' | 'tables'>, lake: Pick<ObjectStore, 'get'>, versions: readonly InForce[]) => {
  const checked = new Set<string>();
  /** @param days of the events. */
  const lookedUp = async (definition: MetricDefinition, days: readonly string[]): Promise<LookUp> => {
    const named = new Set(lookupsOf(definition).map(({ table }) => table));
    const [first, last] = [days.toSorted()[0], days.toSorted().at(-1)];
    if (named.size === 0 || first === undefined || last === undefined) return NO_LOOKUPS;
    const needed = within(versions, named, timesOf(first).from, timesOf(last).to);
    for (const { table, rows } of needed) {
      if (checked.has(rows)) continue;
      await readTable(lake, table, rows);
      checked.add(rows);
    }
    return (counted) => lookedUpSql(dialect, definition, counted, needed, tables);
  };
  return lookedUp;
};
export type LookedUpEvents = ReturnType<typeof lookedUpEvents>;
