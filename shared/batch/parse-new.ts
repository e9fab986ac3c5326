import { type FieldColumn, fieldColumns } from '../sql/fields.ts';
import { columnNames, type LateRecords, parseSql, surveySql } from '../sql/parse.ts';
import { type Compared, displacedSql, repeatsSql } from '../sql/repeats.ts';
import { partPrefix } from '../storage/lake.ts';
import type { Journal } from './journal.ts';
import type { Part } from './manifest.ts';
import { inBuckets, surveyed } from './part-files.ts';
import type { Events, Parsed } from './parts.ts';
import type { RecomputePorts } from './recompute-ports.ts';

export interface TypeDay {
  readonly type: string;
  readonly day: string;
}
/** The lines that a run adds. */
export interface Added {
  /** Older parsed events together with them. */
  readonly parsed: Parsed;
  /** The runs that wrote their parts. */
  readonly runs: readonly string[];
  readonly touched: readonly TypeDay[];
  /** Days on which a stored event no longer counts, because a late one was found to come before it. */
  readonly displaced: readonly TypeDay[];
  /** The columns of fields that their parts have. */
  readonly columns: readonly FieldColumn[];
  readonly lines: number;
  readonly damaged: number;
}
interface RawFile {
  readonly key: string;
  readonly epochMs: number;
  readonly bytes: number;
}

/** Compressed bytes that a line needs, at least. */
const BYTES_A_LINE = 50;

/**
 * Parses the lines of the newly complete epochs, and late ones, once: into parts, and files of the events whose id occurs
 * twice, among them or in stored parts of the same days or of the epochs of the duplicate window. What it reads besides
 * the raw lines are ids, so its cost is that of the new lines.
 */
export const parseNew = async (
  { engine, pipeline, duplicateWindowMs: windowMs }: Pick<RecomputePorts, 'engine' | 'pipeline' | 'duplicateWindowMs'>,
  journal: Journal,
  events: Events,
  from: Parsed,
  { files, fromMs, toMs, late }: { files: readonly RawFile[]; fromMs: number; toMs: number; late: readonly LateRecords[] },
): Promise<Added> => {
  const { dialect } = engine;
  const columns = await journal.step('columns', async () => fieldColumns(Object.values(pipeline.metrics).map(({ definition }) => definition)));
  const isDue = ({ epochMs }: RawFile) => epochMs >= fromMs || late.some((one) => one.epochMs === epochMs);
  const written: string[] = [];
  for (const [i, some] of byEpoch(files.filter(isDue), engine.rowsPerQuery * BYTES_A_LINE).entries()) {
    const range = { fromMs: Math.min(...some.map(({ epochMs }) => epochMs)), toMs, keys: some.map(({ key }) => key) };
    const run = await journal.step(`parse ${i}`, (attempt) =>
      attempt(partPrefix, (prefix, run, started) =>
        engine.unload(parseSql(dialect, engine.rawLines(range), { run, fromMs, late, columns }), { prefix, partitionBy: [] }, started),
      ),
    );
    written.push(run);
  }
  const survey = await journal.step('survey', async (_, started) => (written.length === 0 ? [] : engine.rows(surveySql(engine.parts(written)), started)));
  const { parts, lines, damaged } = surveyed(survey, from.columns.length);
  const runs = Object.keys(parts);
  const parsed = { ...withParts(from, parts), columns: [...from.columns, columns] };
  if (runs.length === 0) return { parsed: from, runs, touched: [], displaced: [], columns, lines, damaged };

  const stored = await storedEvents(events, from, parts, windowMs);
  const total = Object.values(parts).reduce((sum, part) => sum + countOf(part), 0);
  const compared = (bucket: Compared['bucket']): Compared => ({ fresh: engine.parts(runs), stored, columns: columnNames(columns), windowMs, bucket });
  const repeats = await inBuckets(journal, engine, 'repeats', total, (bucket) => repeatsSql(dialect, compared(bucket)));
  const displaced =
    late.length === 0 || stored === null
      ? []
      : await journal.step(
          'displaced',
          async (_, started) => (await engine.rows(displacedSql(dialect, compared({ index: 0, of: 1 })), started)) as unknown as TypeDay[],
        );
  return {
    parsed: { ...parsed, parts: { ...parsed.parts, ...Object.fromEntries(Object.entries(parts).map(([run, part]) => [run, { ...part, repeats }])) } },
    runs,
    touched: daysIn(Object.values(parts)),
    displaced,
    columns,
    lines,
    damaged,
  };
};

/**
 * Stored events that duplicates of new ones may be among: those of the days that the new ones touch, and those of the epochs
 * of the duplicate window before them.
 */
const storedEvents = async (events: Events, from: Parsed, added: Readonly<Record<string, Part>>, windowMs: number): Promise<string | null> => {
  const touched = daysIn(Object.values(added));
  const epochs = Object.values(added).map(({ fromMs, toMs }) => ({ fromMs: fromMs - windowMs, toMs }));
  const isNear = ({ fromMs, toMs }: Part) => epochs.some((epoch) => toMs >= epoch.fromMs && fromMs <= epoch.toMs);
  const near = Object.entries(from.parts).flatMap(([run, part]) => (isNear(part) ? [run] : []));
  const relations: string[] = [];
  for (const [type, days] of Object.entries(from.events)) {
    const own = touched.filter((one) => one.type === type && days[one.day] !== undefined).map(({ day }) => day);
    if (own.length > 0) relations.push(`SELECT * FROM ${await events(from, { type, days: own }, [])} AS own`);
    const others = Object.keys(days).filter((day) => !own.includes(day) && days[day]?.some((run) => near.includes(run)));
    if (others.length === 0) continue;
    const isIn = epochs.map(({ fromMs, toMs }) => `epoch BETWEEN ${fromMs} AND ${toMs}`).join(' OR ');
    relations.push(`SELECT * FROM ${await events(from, { type, days: others }, [], near)} AS others WHERE ${isIn}`);
  }
  return relations.length === 0 ? null : `(${relations.join('\nUNION ALL\n')})`;
};

const withParts = ({ events, parts, columns }: Parsed, added: Readonly<Record<string, Part>>): Parsed => {
  const all: Record<string, Record<string, readonly string[]>> = structuredClone(events) as never;
  for (const [run, { lines }] of Object.entries(added))
    for (const [type, byDay] of Object.entries(lines)) {
      const days = (all[type] ??= {});
      for (const day of Object.keys(byDay)) days[day] = [...(days[day] ?? []), run];
    }
  return { events: all, parts: { ...parts, ...added }, columns };
};

const countOf = ({ lines }: Part): number => Object.values(lines).reduce((sum, days) => Object.values(days).reduce((a, b) => a + b, sum), 0);
const daysIn = (parts: readonly Part[]): TypeDay[] => {
  const found = new Map<string, TypeDay>();
  for (const { lines } of parts)
    for (const [type, days] of Object.entries(lines)) for (const day of Object.keys(days)) found.set(`${type} ${day}`, { type, day });
  return [...found.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.type < b.type ? -1 : 1));
};

/** Files of whole epochs, in pieces of about so many bytes: an engine may read an epoch's files only together. */
const byEpoch = (files: readonly RawFile[], bytes: number): RawFile[][] => {
  const pieces: RawFile[][] = [];
  let size = 0;
  for (const file of files) {
    const last = pieces.at(-1);
    if (last === undefined || (size >= bytes && last.at(-1)?.epochMs !== file.epochMs)) {
      pieces.push([file]);
      size = file.bytes;
    } else {
      last.push(file);
      size += file.bytes;
    }
  }
  return pieces;
};
