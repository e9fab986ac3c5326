import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Bucket } from '../sql/repeats.ts';
import { repeatsPrefix } from '../storage/lake.ts';
import type { Journal } from './journal.ts';
import type { Part } from './manifest.ts';

/** What a survey found in each part, without its repeated events; damaged lines are only counted. */
export const surveyed = (
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: number,
): { parts: Record<string, Part>; lines: number; damaged: number } => {
  const parts: Record<string, Omit<Part, 'lines'> & { lines: Record<string, Record<string, number>> }> = {};
  let [lines, damaged] = [0, 0];
  for (const { run, type, day, lines: count, from_epoch, to_epoch } of rows) {
    lines += Number(count);
    if (type === null) {
      damaged += Number(count);
      continue;
    }
    const before = parts[String(run)];
    const own = before?.lines ?? {};
    (own[String(type)] ??= {})[String(day)] = Number(count);
    parts[String(run)] = {
      columns,
      fromMs: Math.min(before?.fromMs ?? Number.POSITIVE_INFINITY, Number(from_epoch)),
      toMs: Math.max(before?.toMs ?? 0, Number(to_epoch)),
      lines: own,
      repeats: [],
    };
  }
  return { parts, lines, damaged };
};

/** Writes repeated events, so many ids at a time that a statement fits into memory. Returns the runs that wrote some. */
export const inBuckets = async (journal: Journal, engine: SqlEngine, step: string, lines: number, sqlOf: (bucket: Bucket) => string): Promise<string[]> => {
  const of = Math.max(1, Math.ceil(lines / engine.rowsPerQuery));
  const runs: string[] = [];
  for (let index = 0; index < of; index++) {
    const run = await journal.step(`${step} ${index}`, async (attempt) => {
      const written = await attempt(repeatsPrefix, (prefix, _, started) => engine.unload(sqlOf({ index, of }), { prefix, partitionBy: [] }, started));
      const [found] = await engine.rows(`SELECT count(*) AS events FROM ${engine.repeats([written])} AS r`);
      return Number(found?.events) === 0 ? null : written;
    });
    if (run !== null) runs.push(run);
  }
  return runs;
};
