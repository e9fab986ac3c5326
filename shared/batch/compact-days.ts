import { WINDOW_MS } from '../definition/windows.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { FieldColumn } from '../sql/fields.ts';
import { columnNames, surveySql } from '../sql/parse.ts';
import { renumberedSql } from '../sql/repeats.ts';
import { partPrefix } from '../storage/lake.ts';
import type { Journal } from './journal.ts';
import type { TypeDay } from './parse-new.ts';
import { inBuckets, surveyed } from './part-files.ts';
import { type Events, linesOf, type Parsed } from './parts.ts';

/** A day in more parts than this is compacted into one. */
const MAX_PARTS = 24;

/** Days to compact: those in many parts, those in several parts that have just ended, and those where an event was displaced. */
export const scatteredDays = ({ events }: Parsed, displaced: readonly TypeDay[], fromMs: number, horizonMs: number): TypeDay[] => {
  const hasJustEnded = (day: string) => {
    const endMs = Date.parse(day) + WINDOW_MS['1d'];
    return endMs > fromMs && endMs <= horizonMs;
  };
  const isDisplaced = (type: string, day: string) => displaced.some((one) => one.type === type && one.day === day);
  return Object.entries(events).flatMap(([type, days]) =>
    Object.entries(days).flatMap(([day, runs]) =>
      runs.length > MAX_PARTS || (runs.length > 1 && (hasJustEnded(day) || isDisplaced(type, day))) ? [{ type, day }] : [],
    ),
  );
};

/** Compacts all parts of some days into one, and renumbers their duplicates. */
export const compactDays = async (
  engine: SqlEngine,
  journal: Journal,
  events: Events,
  parsed: Parsed,
  scattered: readonly TypeDay[],
  columns: readonly FieldColumn[],
): Promise<Parsed> => {
  if (scattered.length === 0) return parsed;
  const fields = columns.map(({ path, kind, column }) => ({ path, kind, as: column }));
  const names = columnNames(columns);
  const relations: string[] = [];
  for (const type of new Set(scattered.map((one) => one.type))) {
    const days = scattered.filter((one) => one.type === type).map(({ day }) => day);
    relations.push(`SELECT ${names.join(', ')}, repeated, nth FROM ${await events(parsed, { type, days }, fields)} AS own`);
  }
  const all = `(${relations.join('\nUNION ALL\n')})`;
  const run = await journal.step('compact', (attempt) =>
    attempt(partPrefix, (prefix, run, started) =>
      engine.unload(`SELECT ${[`'${run}' AS run`, ...names.slice(1)].join(', ')} FROM ${all} AS e`, { prefix, partitionBy: [] }, started),
    ),
  );
  const survey = await journal.step('compact survey', (_, started) => engine.rows(surveySql(engine.parts([run])), started));
  const total = scattered.reduce((sum, { type, day }) => sum + linesOf(parsed, type, day), 0);
  const repeats = await inBuckets(journal, engine, 'compact repeats', total, (bucket) => renumberedSql(engine.dialect, run, all, names, bucket));
  const [part] = Object.values(surveyed(survey, parsed.columns.length).parts);
  const compacted: Record<string, Record<string, readonly string[]>> = structuredClone(parsed.events) as never;
  for (const { type, day } of scattered) (compacted[type] ?? {})[day] = [run];
  return {
    events: compacted,
    parts: { ...parsed.parts, ...(part === undefined ? {} : { [run]: { ...part, repeats } }) },
    columns: [...parsed.columns, columns],
  };
};
