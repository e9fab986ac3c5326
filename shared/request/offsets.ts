import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';
import { MAX_MS, MIN_MS } from '../definition/times.ts';
import { zoned } from '../definition/zones.ts';

/** A period in which a zone's offset stays the same; half-open, in epoch milliseconds. */
export interface Offset {
  readonly fromMs: number;
  readonly toMs: number;
  /** Local wall-clock time minus UTC, in milliseconds. */
  readonly ms: number;
}

/** The period that a time falls in, by a zone's rules. */
export const offsetsOf = (zone: string): ((ms: number) => Offset) => {
  const known: Offset[] = [];
  let last: Offset | undefined;
  const look = (ms: number): Offset => {
    // Outside of the years that events may have, the rules of the first or last of those years apply.
    const at = zoned(Math.min(MAX_MS, Math.max(MIN_MS, ms)), zone);
    // `previous` looks strictly before a time, and a transition may be at this very millisecond.
    const from = ZonedDateTime.getTimeZoneTransition(ZonedDateTime.addMilliseconds(at, 1), 'previous');
    const to = ZonedDateTime.getTimeZoneTransition(at, 'next');
    return {
      fromMs: from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
      toMs: to?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
      ms: ZonedDateTime.offsetNanoseconds(at) / 1e6,
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
