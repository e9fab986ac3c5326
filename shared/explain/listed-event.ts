import { compareSequence } from '../log/sequence.ts';
import type { Json } from '../measures/measure.ts';
import type { LogPlace } from '../sql/listed.ts';

/** An event of a number, with its place in the log. */
export interface ListedEvent extends LogPlace {
  readonly place: 'batch' | 'live';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly data: Readonly<Record<string, Json>>;
  /** How often it counts: more than once only if the metric counts items of an array. */
  readonly items: number;
  /** What the measure takes of it; null without a measure. */
  readonly value: Json;
}

/** The newest first, as `listedSql` orders them. */
export const newestFirst = (a: LogPlace, b: LogPlace): number =>
  b.epochMs - a.epochMs || compareSequence(b.seq, a.seq) || (a.shard < b.shard ? 1 : a.shard > b.shard ? -1 : b.line - a.line);
