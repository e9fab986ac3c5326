import { decompress } from '../../shared/log/compression.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Json } from '../../shared/measures/measure.ts';
import type { PlainMetric } from './pipelines.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS } from './plan.ts';
import type { PlayedLog, PlayedShard } from './played-log.ts';

/** A line of the log, where it stands, and what that means; read plainly, with nothing of the product's. */
export interface Position {
  readonly shard: string;
  readonly seq: string;
  /** The record's place in its shard. */
  readonly record: number;
  /** Of a log that was before a repair. */
  readonly isPast: boolean;
  readonly line: number;
  readonly epochMs: number;
  readonly event: StoredEvent;
  /** A copy stands before, within the duplicate window of log time: no layer counts it. */
  readonly isRepeated: boolean;
  /** No copy of the same event day stands before: of copies that came too late to be told, the batch layer counts this one. */
  readonly isFirstOfDay: boolean;
}

/** The epochs of a shard's records: the running maximum of their arrivals, from where its parents ended, and no earlier than its floor. */
export const epochsOf = (all: readonly PlayedShard[]): Map<string, number[]> => {
  const epochs = new Map<string, number[]>();
  const endOf = (shard: PlayedShard): number => epochs.get(shard.id)?.at(-1) ?? startOf(shard);
  const startOf = (shard: PlayedShard): number => Math.max(shard.floorMs, ...all.filter(({ id }) => shard.parents.includes(id)).map(endOf));
  for (const shard of all) {
    let epochMs = startOf(shard);
    epochs.set(
      shard.id,
      shard.records.map(({ arrivedAtMs }) => (epochMs = Math.max(epochMs, arrivedAtMs - (arrivedAtMs % EPOCH_MS)))),
    );
  }
  return epochs;
};

/** Records inflate to at most 32 MB. */
const MAX_LOG = 25;
export const linesOf = (data: Uint8Array): string[] => {
  try {
    const text = decompress(data, MAX_LOG).toString();
    // A record that is cut off is none.
    return text.endsWith('\n') ? text.slice(0, -1).split('\n') : [];
  } catch {
    return [];
  }
};
export const parsed = (line: string): StoredEvent | null => {
  try {
    return JSON.parse(line) as StoredEvent;
  } catch {
    return null;
  }
};

/** Every event that stands in the log, in its order. */
export const readLog = ({ all, past }: Pick<PlayedLog, 'all' | 'past'>): Position[] => {
  const epochs = epochsOf(all);
  const positions: Position[] = [];
  const last = new Map<string, number>();
  const days = new Set<string>();
  const add = (place: Omit<Position, 'isRepeated' | 'isFirstOfDay'>): void => {
    const { event, epochMs } = place;
    const name = nameOf(event);
    const before = last.get(name);
    last.set(name, epochMs);
    const day = `${name} ${event.time.slice(0, 10)}`;
    positions.push({ ...place, isRepeated: before !== undefined && before >= epochMs - DUPLICATE_WINDOW_MS, isFirstOfDay: !days.has(day) });
    days.add(day);
  };
  for (const line of past) add({ ...line, record: Number.POSITIVE_INFINITY, isPast: true });
  for (const { id: shard, records } of all)
    for (const [record, { sequenceNumber: seq, data }] of records.entries())
      for (const [line, text] of linesOf(data).entries()) {
        const event = parsed(text);
        if (event !== null) add({ shard, seq, record, isPast: false, line, epochMs: epochs.get(shard)?.[record] as number, event });
      }
  return positions;
};
export const nameOf = ({ source, id }: { source: string; id: string }): string => JSON.stringify([source, id]);

/**
 * Whether an answer with this horizon counts it. Each event counts once, but for what came again later than the window:
 * the speed layer counts that once more, until the batch layer takes it over; one of another event day it counts for good.
 */
export const isCounted = ({ isRepeated, isFirstOfDay, epochMs }: Position, horizonMs: number): boolean => !isRepeated && (epochMs >= horizonMs || isFirstOfDay);

export interface Question {
  readonly fromMs: number;
  readonly toMs: number;
  readonly every: 'all' | '1d' | '1h' | '15m';
  readonly by: readonly string[];
  /** A dimension of text and the value it must have. */
  readonly filter: { readonly dimension: string; readonly value: string } | null;
}
const EVERY_MS = { '1d': 86_400_000, '1h': 3_600_000, '15m': 900_000 } as const;
const floor = (ms: number, step: number) => Math.floor(ms / step) * step;

/** A plain fold of events into the rows of an answer, in no order. */
export const expectedRows = (
  metric: PlainMetric,
  events: readonly StoredEvent[],
  { fromMs, toMs, every, by, filter }: Question,
  speedThroughMs: number | null,
): Record<string, Json>[] => {
  const groups = new Map<string, { window: string; dimensions: Record<string, Json>; events: StoredEvent[] }>();
  for (const event of events.flatMap(metric.counted)) {
    const startMs = floor(Date.parse(event.time), metric.windowMs);
    if (startMs < fromMs || startMs >= toMs) continue;
    if (filter !== null && metric.dimensions[filter.dimension]?.(event) !== filter.value) continue;
    const window = new Date(every === 'all' ? fromMs : floor(startMs, EVERY_MS[every])).toISOString();
    const dimensions = Object.fromEntries(by.map((name) => [name, metric.dimensions[name]?.(event) ?? null]));
    const name = JSON.stringify([window, dimensions]);
    const group = groups.get(name) ?? { window, dimensions, events: [] };
    groups.set(name, group);
    group.events.push(event);
  }
  // A total always has its row.
  if (every === 'all' && by.length === 0 && groups.size === 0) return [{ window: new Date(fromMs).toISOString(), ...presented(metric, []) }];
  const isOver = (window: string) => every === 'all' || speedThroughMs === null || Math.min(toMs, Date.parse(window) + EVERY_MS[every]) <= speedThroughMs;
  return [...groups.values()].map(({ window, dimensions, events: own }) => ({
    window,
    ...dimensions,
    ...presented(metric, own),
    ...(isOver(window) ? {} : { complete: false }),
  }));
};
export const presented = (metric: PlainMetric, events: readonly StoredEvent[]): Record<string, Json> =>
  Object.fromEntries(Object.entries(metric.measures).map(([name, plain]) => [name, plain(events) as Json]));
