import { partsChecker } from '../batch/generation-files.ts';
import { LAYOUT, type Manifest } from '../batch/manifest.ts';
import { eventRelations, linesOf } from '../batch/parts.ts';
import { excluder } from '../log/exclusion.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { timesOf } from '../lookups/in-force.ts';
import { occurrencesSql } from '../sql/occurrences.ts';
import type { Sought } from './parse-whereabouts.ts';
import type { ExplainPorts } from './ports.ts';
import { notYet, OF_A_TIME, tooMuch } from './problems.ts';
import type { Rows } from './statements.ts';

/** A copy of an event in the log, with what its layer decided. */
export interface Copy {
  readonly epochMs: number;
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
  readonly event: StoredEvent;
  readonly isDuplicate: boolean;
  /** The exclusion that leaves it out; null if none does. */
  readonly exclusion: string | null;
}

/** Parsed events whose ids one call reads. */
const MAX_LINES = 200_000_000;
export const MAX_COPIES = 1_000;

/** The copies of an event that a generation holds, in the order of the log. */
export const batchCopies = async (
  { engine, lake }: Pick<ExplainPorts, 'engine' | 'lake'>,
  manifest: Manifest,
  sought: Sought,
  rows: Rows,
): Promise<readonly Copy[]> => {
  const { type, id, source, fromMs, toMs } = sought;
  if (manifest.layout !== LAYOUT) throw notYet('The active generation is of an older version, whose events cannot be read.');
  const days = Object.keys(manifest.events[type] ?? {}).filter(
    (day) => (fromMs === null || Date.parse(timesOf(day).to) > fromMs) && (toMs === null || Date.parse(day) < toMs),
  );
  const lines = days.reduce((sum, day) => sum + linesOf(manifest, type, day), 0);
  if (lines > MAX_LINES)
    throw tooMuch(`Expected days with at most ${MAX_LINES.toLocaleString('en-US')} events, got ${lines.toLocaleString('en-US')}.`, OF_A_TIME);
  if (days.length === 0) return [];
  const events = await eventRelations(engine, partsChecker(lake, manifest.files ?? {}))(manifest, { type, days }, []);
  const sql = occurrencesSql(engine.dialect, events, { id, source }, MAX_COPIES);
  const excluders = manifest.exclusions.map((exclusion) => ({ id: exclusion.id, excludes: excluder([exclusion]) }));
  return (await rows(sql)).map((row): Copy => {
    const event: StoredEvent = { id, source: String(row.source), type, time: String(row.time), data: JSON.parse(String(row.data)) };
    return {
      ...{ epochMs: Number(row.epoch), shard: String(row.shard), seq: String(row.seq), line: Number(row.line), event },
      isDuplicate: row.repeated === true || Number(row.nth) > 1,
      exclusion: excluders.find(({ excludes }) => excludes(event))?.id ?? null,
    };
  });
};
