import type { Arrived } from '../consume/progress.ts';
import type { ShardRecord } from '../consume/shard-batch.ts';
import type { StoredEvent } from '../log/stored-event.ts';

/** What arrives is averaged over about this long. */
export const RATE_MS = 30_000;
/** The usual gap is averaged over about this many records. */
const GAPS = 32;

/** How many events of a type, and the earliest and latest time of theirs. */
type Tally = [events: number, first: string, last: string];

/**
 * Counts the events of a batch, to be stored with its progress: what arrived on a shard, when, and of which times. It costs
 * no write of its own, and like the progress it is exactly-once.
 */
export const arrivals = (before: Arrived | undefined) => {
  const types = new Map(Object.entries(before?.types ?? {}).map(([type, [...counted]]): [string, Tally] => [type, counted]));
  let span = before === undefined ? null : { sinceMs: before.sinceMs, atMs: before.atMs };
  let [gapMs, gaps, perSecond] = [before?.gapMs ?? 0, before?.gaps ?? 0, before?.perSecond ?? 0];
  let taken = 0;
  return {
    take: ({ type, time }: StoredEvent): void => {
      taken++;
      const counted = types.get(type);
      if (counted === undefined) {
        types.set(type, [1, time, time]);
        return;
      }
      counted[0]++;
      // Stored times sort as text.
      if (time < counted[1]) counted[1] = time;
      if (time > counted[2]) counted[2] = time;
    },
    /** Takes `more` events of a type, with times between those that were taken of it. */
    again: (type: string, more: number): void => {
      taken += more;
      (types.get(type) as Tally)[0] += more;
    },
    /** Ends a record. */
    settle: ({ arrivedAtMs }: Pick<ShardRecord, 'arrivedAtMs'>): void => {
      if (taken === 0) return;
      if (span !== null) {
        const sinceMs = Math.max(0, arrivedAtMs - span.atMs);
        gaps = Math.min(GAPS, gaps + 1);
        gapMs += (sinceMs - gapMs) / gaps;
        perSecond = decayed(perSecond, sinceMs);
      }
      perSecond += taken / (RATE_MS / 1_000);
      span = { sinceMs: span?.sinceMs ?? arrivedAtMs, atMs: arrivedAtMs };
      taken = 0;
    },
    after: (): Arrived | undefined =>
      span === null
        ? undefined
        : { ...span, gapMs: Math.round(gapMs), gaps, perSecond: Math.round(perSecond * 1_000) / 1_000, types: Object.fromEntries(types) },
  };
};

/** A rate of so long ago, if nothing came since. */
export const decayed = (perSecond: number, sinceMs: number): number => perSecond * Math.exp(-sinceMs / RATE_MS);
