/** What a person wants to know first. Times are ISO 8601; null is what is not known yet, or not counted there. */
export interface Status {
  readonly at: string;
  /** The worst that holds. */
  readonly state: 'well' | 'quiet' | 'behind' | 'batch-late' | 'rejects' | 'drift' | 'down';
  /** The same in words, and what to do about it. */
  readonly sentence: string;
  readonly advice: string | null;
  readonly events: {
    /** Folded by the speed layer since `since`, without duplicates and excluded ones. */
    readonly total: number;
    readonly since: string | null;
    readonly lastArrival: string | null;
    /** The earliest and the latest time of their own. */
    readonly first: string | null;
    readonly last: string | null;
    /** Lately. */
    readonly perSecond: number;
    readonly usualGapMs: number | null;
    readonly quietAfterMs: number;
  };
  readonly lag: {
    readonly ms: number | null;
    readonly limitMs: number;
    readonly through: string | null;
    readonly shards: readonly { readonly shard: string; readonly through: string | null; readonly lagMs: number | null }[];
  };
  readonly batch: {
    readonly generation: string | null;
    readonly horizon: string | null;
    readonly wholeUntil: string | null;
    readonly lateAfterMs: number;
    /** What live counted since may have expired: queries answer 503 until the next generation. */
    readonly expired: boolean;
    /** The horizon that the next generation can have, and the shard that holds it back. */
    readonly next: string | null;
    readonly heldBackBy: string | null;
    readonly stepMs: number;
    readonly nextRun: string | null;
    readonly lastFailure: { readonly since: string; readonly times: number; readonly error: string; readonly nextTry: string } | null;
  };
  readonly drift: {
    readonly generation: string;
    readonly publishedAt: string | null;
    readonly events: number;
    readonly metrics: readonly { readonly metric: string; readonly events: number }[];
  } | null;
  /** Of the last ten minutes, and in all. */
  readonly quarantine: { readonly rejected: number; readonly waiting: number; readonly more: boolean } | null;
  readonly down: readonly { readonly part: string; readonly error: string | null }[];
}
