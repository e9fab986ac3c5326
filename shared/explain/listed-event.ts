import type { MetricDefinition } from '../definition/definition.ts';
import { compareSequence } from '../log/sequence.ts';
import type { Json } from '../measures/measure.ts';
import { PAGE_BYTES } from '../request/page.ts';
import { fieldsOf } from '../sql/fields.ts';
import type { LogPlace } from '../sql/listed.ts';

/** An event of a number, with its place in the log. */
export interface ListedEvent extends LogPlace {
  readonly place: 'batch' | 'live';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  /** The fields that the metric reads. */
  readonly data: Readonly<Record<string, Json>>;
  /** How often it counts: more than once only if the metric counts items of an array. */
  readonly items: number;
  /** What the measure takes of it; null without a measure. */
  readonly value: Json;
}

/** The newest first, as `listedSql` orders them. */
export const newestFirst = (a: LogPlace, b: LogPlace): number =>
  b.epochMs - a.epochMs || compareSequence(b.seq, a.seq) || (a.shard < b.shard ? 1 : a.shard > b.shard ? -1 : b.line - a.line);

/** Of events that come in any order, the newest that a page may show, and one more: no more than these are held for long. */
export const newestOf = (limit: number) => {
  let held: { readonly event: ListedEvent; readonly bytes: number }[] = [];
  let bytes = 0;
  const trim = (): void => {
    held.sort((a, b) => newestFirst(a.event, b.event));
    let end = 0;
    // A page has at least one event, so the second is the first that may not fit.
    for (bytes = 0; end < held.length && end <= limit && (bytes <= PAGE_BYTES || end < 2); end++) bytes += held[end]?.bytes ?? 0;
    held = held.slice(0, end);
  };
  return {
    add: (event: ListedEvent): void => {
      const own = JSON.stringify(event.data).length;
      held.push({ event, bytes: own });
      bytes += own;
      if (held.length > 4 * (limit + 1) || bytes > 4 * PAGE_BYTES) trim();
    },
    /** The newest first. */
    all: (): ListedEvent[] => {
      trim();
      return held.map(({ event }) => event);
    },
  };
};

/** An event's data with nothing but the fields that a definition reads. */
export const pruned = (data: Readonly<Record<string, Json>>, definition: MetricDefinition): Record<string, Json> => {
  const kept: Record<string, unknown> = {};
  for (const { path } of fieldsOf(definition)) copy(data, kept, path);
  return kept as Record<string, Json>;
};
const copy = (from: unknown, to: Record<string, unknown>, [name = '', ...inner]: readonly string[]): void => {
  if (typeof from !== 'object' || from === null || Array.isArray(from) || !Object.hasOwn(from, name)) return;
  const value = (from as Record<string, unknown>)[name];
  if (inner.length === 0) to[name] = value;
  else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const known = Object.hasOwn(to, name) ? to[name] : {};
    to[name] = known;
    copy(value, known as Record<string, unknown>, inner);
  }
};
