import type { ProgressByShard } from '../consume/horizon.ts';
import { decayed, RATE_MS } from '../speed/arrivals.ts';

/** What arrived on all shards together; times are null while nothing did. */
export interface ArrivedEvents {
  readonly total: number;
  readonly sinceMs: number | null;
  readonly lastArrivalMs: number | null;
  readonly first: string | null;
  readonly last: string | null;
  readonly perSecond: number;
  /** Between two requests; null while there was at most one on each shard. */
  readonly gapMs: number | null;
}

export const arrivedOf = (aggregate: ProgressByShard, nowMs: number): ArrivedEvents => {
  const shards = [...aggregate.values()].flatMap(({ arrived }) => arrived ?? []);
  const types = shards.flatMap((one) => Object.values(one.types));
  // Shards take requests in turn, so their frequencies add up.
  const frequency = shards.reduce((sum, { gapMs, gaps }) => sum + (gaps === 0 ? 0 : 1 / Math.max(1, gapMs)), 0);
  const perSecond = shards.reduce((sum, one) => sum + decayed(one.perSecond, Math.max(0, nowMs - one.atMs)) / seen(nowMs - one.sinceMs), 0);
  return {
    total: types.reduce((sum, [events]) => sum + events, 0),
    sinceMs: shards.length === 0 ? null : Math.min(...shards.map(({ sinceMs }) => sinceMs)),
    lastArrivalMs: shards.length === 0 ? null : Math.max(...shards.map(({ atMs }) => atMs)),
    ...spanOf(types),
    perSecond: Math.round(perSecond * 100) / 100,
    gapMs: frequency === 0 ? null : 1 / frequency,
  };
};

/** The earliest and the latest time of one type's events. */
export const timesOf = (aggregate: ProgressByShard, type: string): Pick<ArrivedEvents, 'first' | 'last'> =>
  spanOf([...aggregate.values()].flatMap(({ arrived }) => (arrived?.types[type] === undefined ? [] : [arrived.types[type]])));

const spanOf = (types: readonly (readonly [number, string, string])[]): Pick<ArrivedEvents, 'first' | 'last'> => ({
  first: types.map(([, first]) => first).sort()[0] ?? null,
  last:
    types
      .map(([, , last]) => last)
      .sort()
      .at(-1) ?? null,
});

/** How much of an average over RATE_MS is known: a shard that began a moment ago has seen less. */
const seen = (ageMs: number): number => 1 - Math.exp(-Math.max(1_000, ageMs) / RATE_MS);

export const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
