import type { SqlEngine } from '../ports/sql-engine.ts';
import { eventsSql, type PartSet, type Wanted } from '../sql/events.ts';
import type { Field } from '../sql/fields.ts';
import { foldersOf, type partsChecker } from './generation-files.ts';
import type { Manifest } from './manifest.ts';

/** What generations know of their parsed events. */
export type Parsed = Pick<Manifest, 'events' | 'parts' | 'columns'>;
type Engine = Pick<SqlEngine, 'dialect' | 'parts' | 'repeats'>;

/** The runs whose parts hold events of a type on some days. */
export const runsOf = ({ events }: Parsed, type: string, days: readonly string[]): string[] => [...new Set(days.flatMap((day) => events[type]?.[day] ?? []))];

/** Lines of a type and day. */
export const linesOf = ({ events, parts }: Parsed, type: string, day: string): number =>
  (events[type]?.[day] ?? []).reduce((sum, run) => sum + (parts[run]?.lines[type]?.[day] ?? 0), 0);

/** Relations of parsed events, whose files are checked before a statement reads them. */
export const eventRelations = (engine: Engine, checkFolders: ReturnType<typeof partsChecker>) => {
  /**
   * @param fields further columns, by name.
   * @param only of the parts that hold these days, those of some runs.
   */
  const events = async (parsed: Parsed, wanted: Wanted, fields: readonly (Field & { readonly as: string })[], only?: readonly string[]): Promise<string> => {
    const runs = runsOf(parsed, wanted.type, wanted.days).filter((run) => only?.includes(run) ?? true);
    await checkFolders(runs.flatMap((run) => foldersOf(parsed.parts, run)));
    return eventsSql(engine.dialect, wanted, setsOf(engine, parsed, wanted, runs), fields);
  };
  return events;
};
export type Events = ReturnType<typeof eventRelations>;

const setsOf = (engine: Engine, { events, parts, columns }: Parsed, { type, days }: Wanted, runs: readonly string[]): PartSet[] => {
  const byColumns = new Map<number, string[]>();
  for (const run of runs) {
    const at = parts[run]?.columns ?? 0;
    byColumns.set(at, [...(byColumns.get(at) ?? []), run]);
  }
  return [...byColumns].map(([at, own]) => {
    const repeats = [...new Set(own.flatMap((run) => parts[run]?.repeats ?? []))];
    const stale = own.flatMap((run) => {
      const held = parts[run]?.lines[type] ?? {};
      const some = days.filter((day) => held[day] !== undefined && !events[type]?.[day]?.includes(run));
      return some.length === 0 ? [] : [{ run, days: some }];
    });
    return { columns: columns[at] ?? [], parts: engine.parts(own), repeats: repeats.length === 0 ? null : engine.repeats(repeats), stale };
  });
};

/** The same without the parts that no day needs, and with each list of columns once. */
export const pruned = ({ events, parts, columns }: Parsed): Parsed => {
  const needed = new Set(Object.values(events).flatMap((days) => Object.values(days).flat()));
  const left = Object.entries(parts).filter(([run]) => needed.has(run));
  const texts = [...new Set(left.map(([, part]) => JSON.stringify(columns[part.columns])))];
  return {
    events,
    parts: Object.fromEntries(left.map(([run, part]) => [run, { ...part, columns: texts.indexOf(JSON.stringify(columns[part.columns])) }])),
    columns: texts.map((text) => JSON.parse(text)),
  };
};
