import type { ProgressByShard } from '../consume/horizon.ts';
import { Problem } from '../request/problem.ts';

/** A generation is built within some seconds on one machine, within an epoch on AWS. */
const RETRY_SECONDS = 10;

/** The answer for a metric whose definition has changed, and whose history no generation holds yet. */
export const rebuilding = (name: string, metric: string, aggregate: ProgressByShard): Problem => {
  const sinceMs = changedAtMs(metric, aggregate);
  const since = sinceMs === 0 ? '' : ` since ${new Date(sinceMs).toISOString()}`;
  return new Problem(
    503,
    'rebuilding',
    'The history is being recomputed',
    `Rebuilding${since}: the definition of '${name}' has changed, and the next generation will hold its history. Ask again, or ask for the old definition by its hash (GET /metrics lists it under earlier).`,
    { headers: { 'retry-after': String(RETRY_SECONDS) } },
  );
};

/** When the last record arrived that was not folded under a definition, as far as is known, and never later than now; 0 if there is none. */
const changedAtMs = (metric: string, aggregate: ProgressByShard): number =>
  Math.max(
    0,
    ...[...aggregate.values()].map(({ metrics, arrivedAtMs }) => {
      const folded = metrics[metric];
      return folded === undefined || folded.untilMs !== null ? arrivedAtMs : Math.min(folded.sinceMs, arrivedAtMs);
    }),
  );

/** When the folding of an old definition ended, in epoch milliseconds; null if nothing was folded under it. */
export const frozenAtMs = (metric: string, aggregate: ProgressByShard): number | null => {
  // A shard that closed before the definition changed never had a record that says so.
  const ends = [...aggregate.values()].flatMap(({ metrics: { [metric]: folded }, arrivedAtMs }) =>
    folded === undefined ? [] : (folded.untilMs ?? arrivedAtMs),
  );
  return ends.length === 0 ? null : Math.max(...ends);
};
