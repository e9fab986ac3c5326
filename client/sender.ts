import { errorOf, type Reason, TwinstreamError } from './error.ts';
import { persistently, type Reply, type Retry, type Surroundings, type Transport } from './transport.ts';

export interface Batching {
  /** Most events in a request: 500 by default. */
  readonly events: number;
  /** Most characters in a request, roughly: 500,000 by default. */
  readonly length: number;
  /** How long an event waits for others, 50 ms by default. */
  readonly ms: number;
  /** Most events that wait for an answer; more are refused at once. 20,000 by default. */
  readonly waiting: number;
}

interface Waiting {
  readonly text: string;
  readonly settle: (error: TwinstreamError | null) => void;
}
interface Lane {
  queue: Waiting[];
  length: number;
  busy: boolean;
  /** Cancels the wait for more events. */
  cancel: (() => void) | null;
}

/**
 * Batches events of a type into requests, one at a time; events that come meanwhile go into the next. A request keeps its
 * Idempotency-Key and body through all its retries, so its events count once, even if an answer was lost.
 */
export const sender = (send: Transport, batching: Batching, retry: Retry, surroundings: Surroundings) => {
  const { after, random } = surroundings;
  const lanes = new Map<string, Lane>();
  const pending = new Set<Promise<TwinstreamError | null>>();
  const newKey = () =>
    Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');

  const laneOf = (type: string): Lane => {
    let lane = lanes.get(type);
    if (lane === undefined) lanes.set(type, (lane = { queue: [], length: 0, busy: false, cancel: null }));
    return lane;
  };
  const take = (lane: Lane): Waiting[] => {
    const batch: Waiting[] = [];
    let length = 0;
    for (const one of lane.queue) {
      if (batch.length >= batching.events || (batch.length > 0 && length + one.text.length > batching.length)) break;
      length += one.text.length + 1;
      batch.push(one);
    }
    lane.queue = lane.queue.slice(batch.length);
    lane.length -= length;
    return batch;
  };

  const run = async (type: string, lane: Lane): Promise<void> => {
    lane.cancel?.();
    lane.cancel = null;
    if (lane.busy || lane.queue.length === 0) return;
    lane.busy = true;
    while (lane.queue.length > 0) {
      const batch = take(lane);
      const path = `/events/${encodeURIComponent(type)}`;
      const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': newKey() };
      let outcomes: readonly (TwinstreamError | null)[];
      try {
        const reply = await persistently(
          send,
          { method: 'POST', path, headers, body: batch.map(({ text }) => text).join('\n'), signal: null },
          retry,
          surroundings,
        );
        outcomes = outcomesOf(path, reply, batch.length);
      } catch (error) {
        outcomes = batch.map(() => error as TwinstreamError);
      }
      for (const [i, { settle }] of batch.entries()) settle(outcomes[i] ?? null);
    }
    lane.busy = false;
  };

  return {
    /** Resolves with null once the event is acknowledged, or with the error. */
    add: (type: string, text: string): Promise<TwinstreamError | null> => {
      if (pending.size >= batching.waiting)
        return Promise.resolve(new TwinstreamError(`Expected at most ${batching.waiting} events that wait for an answer, got one more`, 0));
      const lane = laneOf(type);
      const outcome = new Promise<TwinstreamError | null>((settle) => lane.queue.push({ text, settle }));
      pending.add(outcome);
      outcome.then(() => pending.delete(outcome));
      lane.length += text.length + 1;
      if (lane.queue.length >= batching.events || lane.length >= batching.length) void run(type, lane);
      else lane.cancel ??= after(batching.ms, () => void run(type, lane));
      return outcome;
    },
    /** Sends what is waiting; resolves once everything that was added before has its outcome. */
    drain: async (): Promise<void> => {
      for (const [type, lane] of lanes) void run(type, lane);
      await Promise.all(pending);
    },
  };
};

type Detail = Reason & { readonly index?: number };

/** By event: null if it was accepted, else the server's reasons. */
const outcomesOf = (path: string, { status, body }: Reply, events: number): readonly (TwinstreamError | null)[] => {
  const { accepted = 0, rejected, errors = [] } = (body ?? {}) as { accepted?: number; rejected?: number; errors?: readonly Detail[] };
  if (status !== 202 && rejected === undefined) return Array<TwinstreamError>(events).fill(errorOf(`POST ${path}`, status, body));
  const reasons = new Map<number, Reason[]>();
  for (const { index = 0, ...reason } of errors) reasons.set(index, [...(reasons.get(index) ?? []), reason]);
  const isListed = reasons.size >= (rejected ?? 0);
  const lastListed = Math.max(-1, ...reasons.keys());
  return Array.from({ length: events }, (_, i) => {
    const found = reasons.get(i);
    if (found !== undefined) return new TwinstreamError(`The event was rejected: ${found.map(textOf).join('; ')}`, 422, found);
    if (isListed || (accepted > 0 && i < lastListed)) return null;
    // A server lists at most 1,000 reasons per request.
    const which = accepted === 0 ? 'The event was rejected' : `${rejected} of ${events} events were rejected, perhaps this one too`;
    return new TwinstreamError(`${which}: GET /quarantine lists the reasons`, 422);
  });
};
const textOf = ({ path, message }: Reason): string => (path === undefined || path === '' ? message : `${path}: ${message}`);
