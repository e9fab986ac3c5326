import type { Lanes } from '../../shared/log/lane.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import { type Random, random } from '../../testing/random.ts';
import { HARMS, type Harm } from './harm-kinds.ts';
import { tableOf } from './reference.ts';
import { type Request, requests } from './requests.ts';

/** One thing that happens. Each draws from its own seed, so that leaving others out changes it little. */
export type Step = { readonly seed: number /** How many calls of ports go on after it; null until all have ended. */; readonly moves: number | null } & (
  | {
      readonly do: 'post';
      readonly request: Request /** The client goes away after an answer that leaves it open whether the events were taken. */;
      readonly leaves: boolean;
    }
  | {
      readonly do: 'poll';
      readonly consumer: Consumer;
      readonly shard: number;
      readonly size: number /** Begins this far before what is done. */;
      readonly back: number;
      /** On each shard at the same time: what they write to meets. */
      readonly everywhere: boolean;
      /** Handed out twice: whoever polled before has not noticed that another has taken its place. */
      readonly twice: boolean;
    }
  | { readonly do: 'heartbeat' }
  | { readonly do: 'split' | 'merge'; readonly shard: number }
  /** A shard goes on in one that names no parent, by a clock that is behind: its records are behind the horizon. */
  | { readonly do: 'orphan'; readonly shard: number; readonly ms: number }
  /** The records of closed shards that everybody has taken become too old. */
  | { readonly do: 'trim' }
  | { readonly do: 'garbage'; readonly shard: number; readonly bytes: 'noise' | 'cut off' | 'no json' }
  | { readonly do: 'tick'; readonly ms: number }
  /** The clock of the log steps, back or forth. */
  | { readonly do: 'step'; readonly ms: number }
  /** Every clock jumps, by days. */
  | { readonly do: 'jump'; readonly ms: number /** Somebody asks for a generation right after it. */; readonly requests: boolean }
  | { readonly do: 'recompute'; readonly ms: number }
  /** An epoch goes by: heartbeats, all of it into the lake, and a run of the batch layer. */
  | { readonly do: 'advance' /** Which generation somebody goes back to meanwhile. */; readonly activate: number | null }
  | { readonly do: 'request' }
  /** Somebody publishes reference data; at times it is forgotten what was answered, and asked again. */
  | { readonly do: 'put'; readonly csv: string /** Null for the default. */; readonly from: string | null }
  | { readonly do: 'undo'; readonly version: number }
  | { readonly do: 'activate'; readonly generation: number }
  | { readonly do: 'deploy'; readonly variant: number }
  | { readonly do: 'ask'; readonly metric: number /** On one machine, in another process than the folder's owner. */; readonly isReader: boolean }
  /** On one machine: the process is killed and starts again; somebody may take a copy of the folder meanwhile. */
  | { readonly do: 'restart'; readonly shards: number; readonly copies: boolean }
  /** Another is started beside it. */
  | { readonly do: 'second'; readonly shards: number }
  /** It ends, and something becomes of its files before it starts again. */
  | { readonly do: 'harm'; readonly shards: number; readonly how: Harm }
  /** Faults end and all comes to rest; then everything is checked. */
  | { readonly do: 'settle'; readonly archive: boolean }
);
export interface Plan {
  readonly seed: number;
  readonly faultRate: number;
  /** Whether the batch layer runs. */
  readonly hasBatch: boolean;
  readonly keep: number;
  /** On one machine, over the files of a data folder; else the log is as Kinesis, in memory. */
  readonly isEmbedded: boolean;
  /** Whether records may be behind the horizon. */
  readonly hasOrphans: boolean;
  /** Whether metrics look up reference data, which somebody publishes and undoes. */
  readonly looksUp: boolean;
  readonly shards: number;
  /** Of the log; those of a log from before units, too. */
  readonly lanes: Lanes;
  /** How many containers of a function take calls in turn, any of them at any time. */
  readonly containers: number;
  /** What a consumer may keep in memory between batches. */
  readonly cacheBytes: number;
  /** How long after their epoch cells expire by themselves; null on one machine, and where the batch layer retires them. */
  readonly cellsKeptMs: number | null;
  /** By how much the progress may grow before notes become items. */
  readonly writeUnitBytes: number;
  readonly variants: number;
  readonly steps: readonly Step[];
}

export const EPOCH_MS = 60_000;
export const DUPLICATE_WINDOW_MS = 3 * EPOCH_MS;
/** The most shards of a history. */
export const MOST_SHARDS = 4;
/** What the platform gives a run of the batch layer. */
export const RUN_MS = 90_000;
/** Events of a history lie around midnight. */
export const START = Date.parse('2026-03-01T23:20:00.000Z');
/** By how much a clock may be ahead or behind. */
const MOST_DAYS = 3;
/** Between which days all events are. */
export const OLDEST_MS = Date.parse('2026-02-22T00:00:00.000Z');
export const NEWEST_MS = Date.parse('2026-03-10T00:00:00.000Z');

/** How often each thing happens: without a batch layer, with one, and where that is kept busy. */
const WEIGHTS: Readonly<Record<Exclude<Step['do'], 'merge'> | 'archive' | 'materialize', readonly [number, number, number]>> = {
  post: [34, 24, 16],
  poll: [22, 14, 8],
  archive: [10, 18, 6],
  materialize: [10, 5, 2],
  heartbeat: [5, 10, 2],
  split: [3, 2, 1],
  orphan: [0, 3, 2],
  trim: [1, 1, 1],
  garbage: [1, 1, 1],
  tick: [9, 12, 6],
  step: [1.5, 1, 0.5],
  jump: [1, 1.5, 1],
  restart: [2, 2, 1],
  second: [0.5, 0.5, 0.3],
  harm: [3, 3, 2],
  recompute: [0, 9, 8],
  advance: [0, 14, 30],
  request: [0, 1.5, 3],
  put: [8, 6, 5],
  undo: [2, 2, 2],
  activate: [0, 4, 12],
  ask: [3, 6, 8],
  deploy: [2, 2, 2],
  settle: [2, 2, 1],
};
const weighted = (r: Random, column: 0 | 1 | 2, leftOut: readonly string[]): keyof typeof WEIGHTS => {
  const entries = (Object.entries(WEIGHTS) as [keyof typeof WEIGHTS, readonly [number, number, number]][]).filter(([name]) => !leftOut.includes(name));
  let left = r.next() * entries.reduce((sum, [, weights]) => sum + weights[column], 0);
  return entries.find(([, weights]) => (left -= weights[column]) < 0)?.[0] ?? 'post';
};

export const planOf = (seed: number): Plan => {
  const r = random(seed);
  const column = r.pick([0, 0, 0, 1, 1, 2, 2] as const);
  const hasBatch = column > 0;
  const mayDeploy = r.chance(0.3);
  const isEmbedded = r.chance(0.4);
  const isHarmed = isEmbedded && r.chance(0.6);
  const hasOrphans = hasBatch && !isEmbedded && r.chance(0.1);
  const looksUp = !hasOrphans && r.chance(0.4);
  const leftOut = [
    ...(looksUp ? [] : ['put', 'undo']),
    hasOrphans ? 'ask' : 'orphan',
    ...(mayDeploy ? [] : ['deploy']),
    ...(isEmbedded ? [] : ['restart', 'second']),
    ...(isHarmed ? [] : ['harm']),
  ];
  const client = requests(r);
  let nowMs = START;
  let jumpedDays = 0;
  const step = (): Step => {
    const common = { seed: r.integer(0, 2 ** 31), moves: r.chance(0.35) ? null : r.integer(0, 25) };
    const poll = (consumer: Consumer, most: number): Step => ({
      ...common,
      do: 'poll',
      consumer,
      shard: r.integer(0, 11),
      size: r.integer(1, most),
      back: r.chance(0.2) ? r.integer(1, 6) : 0,
      everywhere: r.chance(0.3),
      twice: r.chance(0.15),
    });
    switch (weighted(r, column, leftOut)) {
      case 'post':
        return { ...common, do: 'post', request: client(nowMs), leaves: r.chance(0.15) };
      case 'poll':
        return poll('aggregate', 12);
      case 'archive':
        return poll('archive', hasBatch ? 60 : 25);
      case 'materialize':
        return poll('materialize', 12);
      case 'heartbeat':
        return { ...common, do: 'heartbeat' };
      case 'split':
        return { ...common, do: r.pick(['split', 'merge'] as const), shard: r.integer(0, 11) };
      case 'orphan':
        return { ...common, do: 'orphan', shard: r.integer(0, 11), ms: -r.integer(60_000, 600_000) };
      case 'trim':
        return { ...common, do: 'trim' };
      case 'garbage':
        return { ...common, do: 'garbage', shard: r.integer(0, 11), bytes: r.pick(['noise', 'cut off', 'no json'] as const) };
      case 'tick': {
        const ms = r.chance(0.03) ? r.integer(1, 3) * 3_600_000 : r.integer(0, 90_000);
        nowMs += ms;
        return { ...common, do: 'tick', ms };
      }
      case 'step':
        return { ...common, do: 'step', ms: r.integer(-240_000, 240_000) };
      case 'jump': {
        // Ahead or behind by days, or right again.
        const days = jumpedDays === 0 ? r.pick([-MOST_DAYS, -1, 1, 2, MOST_DAYS]) : r.chance(0.8) ? 0 : -jumpedDays;
        const ms = (days - jumpedDays) * 86_400_000 + r.integer(-3_600_000, 3_600_000);
        jumpedDays = days;
        nowMs += ms;
        return { ...common, do: 'jump', ms, requests: hasBatch && r.chance(0.5) };
      }
      case 'recompute':
        return { ...common, do: 'recompute', ms: r.chance(0.2) ? r.integer(0, 70_000) : RUN_MS };
      case 'advance':
        nowMs += EPOCH_MS;
        return { ...common, do: 'advance', activate: r.chance(column === 2 ? 0.4 : 0) ? 0 : null };
      case 'request':
        return { ...common, do: 'request' };
      case 'put': {
        const from = r.pick([null, null, '1970-01-01T00:00:00.000Z', 'near', 'far'] as const);
        const ms = from === 'near' ? r.integer(-1_200_000, 600_000) : r.integer(-250_000_000, 3_600_000);
        return { ...common, do: 'put', csv: tableOf(r), from: from === 'near' || from === 'far' ? new Date(nowMs + ms).toISOString() : from };
      }
      case 'undo':
        return { ...common, do: 'undo', version: r.integer(0, 7) };
      case 'activate':
        return { ...common, do: 'activate', generation: r.chance(0.5) ? 0 : r.integer(0, 7) };
      case 'ask':
        return { ...common, do: 'ask', metric: r.integer(0, 3), isReader: r.chance(0.3) };
      case 'restart':
        return { ...common, do: 'restart', shards: r.integer(1, MOST_SHARDS), copies: r.chance(0.7) };
      case 'harm': {
        const how = { what: r.pick(HARMS), isOlder: r.chance(0.5), isClean: r.chance(0.4), cutOffAt: r.chance(0.3) ? r.integer(1, 12) : null };
        return { ...common, do: 'harm', shards: r.integer(1, MOST_SHARDS), how };
      }
      case 'second':
        return { ...common, do: 'second', shards: r.integer(1, MOST_SHARDS) };
      case 'deploy':
        return { ...common, do: 'deploy', variant: r.integer(0, 2) };
      case 'settle':
        return { ...common, do: 'settle', archive: r.chance(0.5) };
    }
  };
  return {
    seed,
    faultRate: r.pick([0, 0.005, 0.01, 0.03, 0.08]),
    hasBatch,
    keep: r.integer(2, 4),
    isEmbedded,
    hasOrphans,
    looksUp,
    shards: r.pick([1, 1, 2]),
    lanes: r.pick([
      { count: MOST_SHARDS, own: null },
      { count: 16, own: MOST_SHARDS },
    ]),
    containers: r.pick([1, 1, 2, 3, 4]),
    cacheBytes: r.pick([1, 30_000, 2 ** 30, 2 ** 30, 2 ** 30]),
    writeUnitBytes: r.pick([1, 300, 1_024, 1_024]),
    variants: mayDeploy ? 3 : 1,
    steps: Array.from({ length: r.integer(15, 65) }, step),
    // Drawn last, so that the rest of a seed's history is what it was.
    cellsKeptMs: isEmbedded ? null : r.pick([null, 2 * 3_600_000, 30 * 3_600_000]),
  };
};
