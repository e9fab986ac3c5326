import { partsChecker } from '../batch/generation-files.ts';
import { lookedUpEvents } from '../batch/looked-up-events.ts';
import type { Manifest } from '../batch/manifest.ts';
import { eventRelations, linesOf } from '../batch/parts.ts';
import type { MetricDefinition, Scalar } from '../definition/definition.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { everywhere } from '../exclusions/exclusions.ts';
import { publishedAt, readChanges } from '../lookups/changes.ts';
import { timesOf } from '../lookups/in-force.ts';
import type { Json } from '../measures/measure.ts';
import { namedFields } from '../sql/fields.ts';
import { type LogPlace, listedSql, listedValuesSql } from '../sql/listed.ts';
import { type ListedEvent, pruned } from './listed-event.ts';
import type { Explained } from './parse.ts';
import type { ExplainPorts } from './ports.ts';
import { SHORTER, tooMuch } from './problems.ts';
import type { Rows } from './statements.ts';

/** Lines of parsed events of the days that a list touches. */
const MAX_LINES = 100_000_000;

export interface BatchEvents {
  readonly events: readonly ListedEvent[];
  readonly total: number;
  readonly items: number;
  /** Whether the page has more events, which were not read since their data are long. */
  readonly isCut: boolean;
}
export interface ValueCount {
  readonly value: Scalar;
  readonly events: number;
}

/** The events of the batch side of a number: SQL over the parsed events that the generation's manifest names, compiled from the metric's definition. */
export const batchSide = (ports: Pick<ExplainPorts, 'engine' | 'lake' | 'store'>) => {
  const { engine, lake, store } = ports;
  /** Files are checked once, and never change. */
  let checked: { readonly id: string; readonly check: ReturnType<typeof partsChecker> } | null = null;
  const checkerOf = (manifest: Manifest) => {
    if (checked?.id !== manifest.id) checked = { id: manifest.id, check: partsChecker(lake, manifest.files ?? {}) };
    return checked.check;
  };

  /** What a statement over these events needs; null if the generation has none of them. @throws {Problem} 400 */
  const over = async (manifest: Manifest, { asked: { definition }, ranges, listing }: Explained) => {
    const days = Object.keys(manifest.events[definition.event] ?? {}).filter((day) => {
      const [fromMs, toMs] = [Date.parse(day), Date.parse(timesOf(day).to)];
      return ranges.some((range) => range.fromMs < toMs && range.toMs > fromMs);
    });
    const [first, last] = [listing.between[0]?.[0], listing.between.at(-1)?.[1]];
    if (days.length === 0 || first === undefined || last === undefined) return null;
    const lines = days.reduce((sum, day) => sum + linesOf(manifest, definition.event, day), 0);
    if (lines > MAX_LINES)
      throw tooMuch(
        `Expected days with at most ${MAX_LINES.toLocaleString('en-US')} events, got ${lines.toLocaleString('en-US')} of ${days.length} days.`,
        SHORTER,
      );
    const changes = lookupsOf(definition).length === 0 ? [] : await readChanges(store, 0);
    const lookUp = await lookedUpEvents(engine, lake, publishedAt(changes, manifest.lookups ?? 0))(definition, days);
    const events = await eventRelations(engine, checkerOf(manifest))(
      manifest,
      { type: definition.event, days, between: [first, last] },
      namedFields(definition),
    );
    return { definition, events, lookUp, exclusions: everywhere(manifest.exclusions) };
  };

  return {
    events: async (manifest: Manifest, explained: Explained, page: { after: LogPlace | null; limit: number }, rowsOf: Rows): Promise<BatchEvents> => {
      const found = await over(manifest, explained);
      if (found === null) return { events: [], total: 0, items: 0, isCut: false };
      const { definition, events, lookUp, exclusions } = found;
      const sql = listedSql(engine.dialect, definition, events, lookUp, exclusions, explained.listing, page);
      const rows = await rowsOf(sql);
      const listed = rows.filter(({ seq }) => seq != null).map((row) => eventOf(row, definition));
      return {
        events: listed,
        total: Number(rows[0]?.total ?? 0),
        items: Number(rows[0]?.total_items ?? 0),
        isCut: listed.length < Number(rows[0]?.paged ?? 0),
      };
    },
    /** At most so many values, the most frequent first. */
    values: async (manifest: Manifest, explained: Explained, limit: number, rowsOf: Rows): Promise<readonly ValueCount[]> => {
      const found = await over(manifest, explained);
      if (found === null) return [];
      const { definition, events, lookUp, exclusions } = found;
      const sql = listedValuesSql(engine.dialect, definition, events, lookUp, exclusions, explained.listing, limit);
      return (await rowsOf(sql)).map(({ value, events: count }) => ({ value: value as Scalar, events: Number(count) }));
    },
  };
};

const eventOf = (
  { epoch, shard, seq, line, source, id, time, data, items, value }: Readonly<Record<string, unknown>>,
  definition: MetricDefinition,
): ListedEvent => ({
  place: 'batch',
  epochMs: Number(epoch),
  shard: String(shard),
  seq: String(seq),
  line: Number(line),
  source: String(source),
  id: String(id),
  time: String(time),
  data: pruned(JSON.parse(String(data)) as Record<string, Json>, definition),
  items: Number(items),
  value: (value ?? null) as Json,
});
