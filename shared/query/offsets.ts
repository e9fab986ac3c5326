import { Temporal } from 'temporal-polyfill';
import { MAX_MS, MIN_MS } from '../domain/times.ts';

/** A stretch of time in which a zone's offset stays the same; half-open, in epoch milliseconds. */
export interface Offset {
  readonly fromMs: number;
  readonly toMs: number;
  /** Local wall-clock time minus UTC, in milliseconds. */
  readonly ms: number;
}

/** The stretch that a time falls in, by a zone's rules (IANA time zone database). */
export const offsetsOf = (zone: string): ((ms: number) => Offset) => {
  if (zone === 'UTC') return () => ({ fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, ms: 0 });
  const known: Offset[] = [];
  let last: Offset | undefined;
  const look = (ms: number): Offset => {
    // Outside of the years that events may have, the rules are those of the first or last of them.
    const at = Temporal.Instant.fromEpochMilliseconds(Math.min(MAX_MS, Math.max(MIN_MS, ms))).toZonedDateTimeISO(zone);
    // `previous` looks strictly before a time, and a transition may be at this very millisecond.
    const from = at.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
    const to = at.getTimeZoneTransition('next');
    return {
      fromMs: from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
      toMs: to?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
      ms: at.offsetNanoseconds / 1e6,
    };
  };
  return (ms) => {
    const holds = (one: Offset | undefined) => one !== undefined && ms >= one.fromMs && ms < one.toMs;
    if (holds(last)) return last as Offset;
    last = known.find(holds);
    if (last === undefined) known.push((last = look(ms)));
    return last;
  };
};
