import type { Pipeline } from '../definition/define.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Row } from '../query/rows.ts';
import { metricId } from '../storage/keys.ts';
import { type Changes, MAX_WINDOWS, newestOf, type Written } from './changes.ts';
import type { WantedRows } from './current-rows.ts';
import { askAgain } from './message.ts';
import { type SentRows, sentRows } from './sent-rows.ts';

export interface FeedPorts {
  readonly pipeline: Pick<Pipeline, 'metrics'>;
  /** The current rows of a metric's windows. */
  readonly rowsOf: (wanted: WantedRows) => Promise<readonly Row[]>;
  /** Distinguishes this feed's message ids from those of a feed before. */
  readonly instance: string;
  readonly clock: Clock;
  /** Calls back once, after some milliseconds; returns a function that cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly telemetry: Pick<Telemetry, 'warn'>;
}
export interface SubscriberPorts {
  /** By name; each exists. */
  readonly metrics: readonly string[];
  /** The id of the last message that it got, if it had one. */
  readonly lastId: string | null;
  /** Whether it takes messages now: if not, it gets what it misses once it is `ready`. */
  readonly isReady: () => boolean;
  /** Takes messages, as JSON; it has all up to `id` then. Without messages, only the id. */
  readonly take: (messages: readonly string[], id: string) => void;
}
export interface Subscription {
  /** It takes messages again. */
  readonly ready: () => void;
  readonly end: () => void;
}

/** The first change waits for those of other shards, which often come at the same time. */
const GATHER_MS = 10;
/** Messages of a metric are at least this far apart. */
const MIN_INTERVAL_MS = 250;
/** Computing takes a quarter of one thread's time at most. */
const REST = 3;
const AFTER_FAILURE_MS = 5_000;

interface MetricState {
  readonly sent: SentRows;
  readonly windows: Set<number>;
  more: boolean;
  subscribers: number;
}
interface Subscriber extends SubscriberPorts {
  /** The number of the last message that it has. */
  at: number;
}

/**
 * Sends each subscriber the current rows of windows that changed. Rows are computed once per change, however many subscribers
 * there are, and only of metrics that somebody subscribed to; changes of the others are remembered until then. Changes
 * that come meanwhile are sent together (conflation): nothing is queued, for anyone.
 */
export const liveFeed = ({ pipeline, rowsOf, instance, clock, after, telemetry }: FeedPorts) => {
  const metrics = Object.values(pipeline.metrics);
  const states = new Map<string, MetricState>(metrics.map(({ name }) => [name, { sent: sentRows(name), windows: new Set(), more: false, subscribers: 0 }]));
  const nameOf = new Map(metrics.map((metric) => [metricId(metric), metric.name]));
  const stateOf = (name: string): MetricState => states.get(name) as MetricState;
  const subscribers = new Set<Subscriber>();
  let number = 0;
  let cancel: (() => void) | null = null;
  let isComputing = false;
  let isStopped = false;
  let nextAtMs = 0;

  const idOf = (at: number): string => `${instance}.${at}`;
  const numberOf = (id: string | null): number | null => {
    const [, of, at] = /^(.+)\.(\d{1,15})$/.exec(id ?? '') ?? [];
    return of === instance && Number(at) <= number ? Number(at) : null;
  };

  const note = (state: MetricState, { windows, more }: Changes): void => {
    for (const atMs of windows) state.windows.add(atMs);
    if (more) state.more = true;
    if (state.windows.size <= MAX_WINDOWS) return;
    const kept = newestOf(state.windows, state.more);
    state.windows.clear();
    for (const atMs of kept.windows) state.windows.add(atMs);
    state.more = kept.more;
  };
  const isDue = ({ subscribers: some, windows, more }: MetricState): boolean => some > 0 && (windows.size > 0 || more);

  /** What the subscriber misses; most miss the same. */
  const send = (subscriber: Subscriber, sinceOf: (metric: string, at: number) => string | null): void => {
    if (subscriber.at === number || !subscriber.isReady()) return;
    const messages = subscriber.metrics.flatMap((metric) => sinceOf(metric, subscriber.at) ?? []);
    subscriber.at = number;
    if (messages.length > 0) subscriber.take(messages, idOf(number));
  };
  const since = (metric: string, at: number): string | null => stateOf(metric).sent.since(at);
  const sendAll = (): void => {
    const known = new Map<string, string | null>();
    const knownSince = (metric: string, at: number): string | null => {
      const key = `${at} ${metric}`;
      let text = known.get(key);
      if (text === undefined) known.set(key, (text = since(metric, at)));
      return text;
    };
    for (const subscriber of subscribers) send(subscriber, knownSince);
  };

  /** If the rows cannot be computed, subscribers get `more: true`: GET /metrics then answers them with the error. */
  const compute = async (name: string, state: MetricState): Promise<boolean> => {
    const { windows, more } = newestOf(state.windows, state.more);
    state.windows.clear();
    state.more = false;
    let rows: readonly Row[] = [];
    let hasFailed = false;
    try {
      if (windows.length > 0) rows = await rowsOf({ metric: name, windows });
    } catch (error) {
      hasFailed = true;
      telemetry.warn('Live rows could not be computed; subscribers get `more: true` instead', { metric: name, error: (error as Error).message });
    }
    if (state.sent.add(number + 1, rows, more || hasFailed)) number++;
    return !hasFailed;
  };
  const computeAll = async (): Promise<void> => {
    isComputing = true;
    const beganMs = clock();
    let hasFailed = false;
    for (const [name, state] of states) if (isDue(state) && !(await compute(name, state))) hasFailed = true;
    if (!isStopped) sendAll();
    const tookMs = Math.max(0, clock() - beganMs);
    nextAtMs = beganMs + (hasFailed ? AFTER_FAILURE_MS : Math.max(MIN_INTERVAL_MS, tookMs * (1 + REST)));
    isComputing = false;
    schedule();
  };
  const schedule = (): void => {
    if (isStopped || isComputing || cancel !== null || ![...states.values()].some(isDue)) return;
    cancel = after(Math.max(GATHER_MS, nextAtMs - clock()), () => {
      cancel = null;
      void computeAll();
    });
  };

  return {
    /** Takes what a write to the cell store changed. */
    written: ({ changes, hasProgressed }: Written): void => {
      for (const [id, changed] of Object.entries(changes)) {
        const name = nameOf.get(id);
        if (name !== undefined) note(stateOf(name), changed);
      }
      if (hasProgressed) for (const state of states.values()) note(state, { windows: state.sent.unfinished(), more: false });
      schedule();
    },
    /** Anything may have changed: another generation answers. */
    changedAtLarge: (): void => {
      for (const state of states.values()) state.more = true;
      schedule();
    },
    /** Without the id of a message of this feed, the subscriber may have missed rows, and first gets `more: true` for each metric. */
    subscribe: (ports: SubscriberPorts): Subscription => {
      const at = numberOf(ports.lastId);
      const subscriber: Subscriber = { ...ports, at: at ?? number };
      subscribers.add(subscriber);
      for (const metric of ports.metrics) stateOf(metric).subscribers++;
      ports.take(at === null ? ports.metrics.map(askAgain) : [], idOf(subscriber.at));
      send(subscriber, since);
      schedule();
      return {
        ready: () => send(subscriber, since),
        end: () => {
          if (subscribers.delete(subscriber)) for (const metric of ports.metrics) stateOf(metric).subscribers--;
        },
      };
    },
    subscribers: (): number => subscribers.size,
    stop: (): void => {
      isStopped = true;
      cancel?.();
    },
  };
};
export type LiveFeed = ReturnType<typeof liveFeed>;
