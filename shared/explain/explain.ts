import { damages } from '../batch/damage.ts';
import { generations } from '../batch/generations.ts';
import { EMPTY_MANIFEST, LAYOUT, type Manifest, manifestCache } from '../batch/manifest.ts';
import type { MetricDefinition, Scalar } from '../definition/definition.ts';
import { DamagedError } from '../ports/damaged.ts';
import { allowance, READ_LIMITS } from '../request/allowance.ts';
import type { CallContext } from '../request/http.ts';
import { fitting } from '../request/page.ts';
import { type LogPlace, MAX_LENGTH } from '../sql/listed.ts';
import { type BatchEvents, batchSide, type ValueCount } from './batch-side.ts';
import { cursorText, type Totals } from './cursor.ts';
import { type ExplainedEvents, type ExplainedValues, readsOf, shownEvent } from './explained.ts';
import { type ListedEvent, newestFirst, newestOf, pruned } from './listed-event.ts';
import { type LiveEvent, liveSide } from './live-side.ts';
import type { Explained } from './parse.ts';
import type { ExplainPorts } from './ports.ts';
import { cutGone, SHORTER, tooMuch } from './problems.ts';
import { statements } from './statements.ts';

/** Values that a list of them has. */
const MAX_VALUES = 10_000;

/** A number down to its events. */
export const explaining = (ports: ExplainPorts) => {
  const { store, lake } = ports;
  const list = generations(store);
  const manifestOf = manifestCache(lake, list);
  const batch = batchSide(ports);
  const live = liveSide(ports);
  const rows = statements(ports, `${SHORTER} Or ask for fewer events at once (limit).`);

  /** The manifest that the cut was read at. @throws {Problem} 409 */
  const manifestAt = async ({ pinned, asked: { metric } }: Explained): Promise<Manifest> => {
    const { generation } = pinned;
    if (generation === null) return EMPTY_MANIFEST;
    if ((await list.get(generation))?.state !== 'published') throw cutGone(`Generation ${generation} is gone.`);
    const manifest = await manifestOf(generation);
    if (manifest.layout !== LAYOUT || manifest.metrics[metric] === undefined)
      throw cutGone(`Generation ${generation} is of an older version or pipeline, and holds no list of these events.`);
    return manifest;
  };
  /** The live events after a place, the newest first, as far as a page needs them, and how many there are in all. */
  const liveEvents = async (explained: Explained, manifest: Manifest, context: CallContext, limit: number) => {
    const { cursor } = explained;
    const after = cursor?.side === 'live' ? cursor.after : null;
    const newest = newestOf(limit);
    let [total, items] = [0, 0];
    const take = (found: LiveEvent): void => {
      total++;
      items += found.items;
      if (after === null || newestFirst(found.raw, after) > 0) newest.add(listedOf(found, explained.asked.definition));
    };
    await live(explained, manifest, allowance(context, READ_LIMITS), take);
    return { events: newest.all(), total, items };
  };

  const shown = (explained: Explained, total: number) => {
    const { asked, ranges, group, measure, listing } = explained;
    return {
      metric: asked.name,
      definition: asked.metric.slice(asked.metric.indexOf('@') + 1),
      from: isoOf(ranges[0]?.fromMs ?? asked.plan.range.fromMs),
      to: isoOf(ranges.at(-1)?.toMs ?? asked.plan.range.fromMs),
      ...(group === null ? {} : { group }),
      ...(measure === null ? {} : { measure: measure.name }),
      ...(listing.value === null ? {} : { value: listing.value }),
      reads: readsOf(asked.definition),
      total,
    };
  };

  /**
   * The events of a number, page by page. @throws {Problem}
   * @throws {StillRunningError} if the engine's statement goes on: the same call again waits for it.
   */
  const events = async (explained: Explained, context: CallContext): Promise<ExplainedEvents> => {
    const { cursor, limit } = explained;
    const manifest = await manifestAt(explained);
    const isPast = cursor?.side === 'batch';
    const older = async (after: LogPlace | null, wanted: number): Promise<BatchEvents> =>
      batch.events(manifest, explained, { after, limit: wanted + 1 }, rows(context));
    // The engine may need more time than a call has: asked first, it works while the live side is read.
    const first = cursor === null ? await older(null, limit) : isPast ? await older(cursor.after, limit) : null;
    const recent = isPast ? null : await liveEvents(explained, manifest, context, limit);
    const totals: Totals = cursor ?? {
      batch: first?.total ?? 0,
      live: recent?.total ?? 0,
      items: (first?.items ?? 0) + (recent?.items ?? 0),
    };
    const rest = limit + 1 - (recent?.events.length ?? 0);
    const before = rest <= 0 ? null : (first ?? (await older(null, limit)));
    const found = [...(recent?.events ?? []), ...(before?.events.slice(0, rest) ?? [])];
    const page = fitting(found.slice(0, limit).map((event) => shownEvent(event, explained.measure !== null)));
    const last = found[page.length - 1];
    const isMore = last !== undefined && (found.length > page.length || before?.isCut === true);
    const { batch: batchTotal, live: liveTotal, items } = totals;
    return {
      ...shown(explained, batchTotal + liveTotal),
      batch: batchTotal,
      live: liveTotal,
      items,
      events: [...page],
      cursor: isMore ? cursorText({ ...totals, side: last.place, after: last }) : null,
    };
  };

  /** The values that a measure takes, with how often: the most frequent first. @throws as `events` */
  const values = async (explained: Explained, context: CallContext): Promise<ExplainedValues> => {
    const manifest = await manifestAt(explained);
    const counts = new Map<Scalar, number>();
    let length = 0;
    const add = ({ value, events: count }: ValueCount): void => {
      const known = counts.get(value);
      counts.set(value, (known ?? 0) + count);
      if (known !== undefined) return;
      length += String(value).length;
      if (counts.size > MAX_VALUES || length >= MAX_LENGTH)
        throw tooMuch(
          `Expected at most ${MAX_VALUES} values, of fewer than ${MAX_LENGTH.toLocaleString('en-US')} characters, got more.`,
          'Explain a row of a shorter window, or of one group.',
        );
    };
    for (const one of await batch.values(manifest, explained, MAX_VALUES + 1, rows(context))) add(one);
    await live(explained, manifest, allowance(context, READ_LIMITS), ({ values: taken }) => {
      for (const value of taken) if (value !== null) add({ value, events: 1 });
    });
    const sorted = [...counts].map(([value, count]) => ({ value, events: count })).sort((a, b) => b.events - a.events || compareValues(a.value, b.value));
    return { ...shown(explained, sorted.length), values: [...fitting(sorted.slice(0, explained.limit))] };
  };
  /** Damage is noted, so that the next run of the batch layer repairs it. */
  const noting =
    <T>(list: (explained: Explained, context: CallContext) => Promise<T>) =>
    async (explained: Explained, context: CallContext): Promise<T> => {
      try {
        return await list(explained, context);
      } catch (error) {
        if (error instanceof DamagedError)
          await damages(store)
            .note(error)
            .catch(() => {});
        throw error;
      }
    };
  return { events: noting(events), values: noting(values) };
};

const isoOf = (ms: number): string => new Date(ms).toISOString();
const compareValues = (a: Scalar, b: Scalar): number => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1);

const listedOf = ({ raw: { epochMs, shard, seq, line, event }, items, value }: LiveEvent, definition: MetricDefinition): ListedEvent => ({
  ...{ place: 'live', epochMs, shard, seq, line, source: event.source, id: event.id, time: event.time, data: pruned(event.data, definition), items, value },
});
