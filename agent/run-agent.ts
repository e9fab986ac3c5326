import { setMaxListeners } from 'node:events';
import { backOffMs } from '../shared/ports/back-off.ts';
import { intake } from './intake.ts';
import type { Channel, SinkState } from './ports/channel.ts';
import { type Delivered, RefusedError, type Sink, TryLaterError } from './ports/sink.ts';
import type { Source } from './ports/source.ts';
import { type BatchLimits, callsOf, type Round, roundsOf } from './rounds.ts';
import type { Surroundings } from './surroundings.ts';

export interface AgentOptions {
  readonly sources: readonly Source[];
  readonly channel: Channel;
  readonly sink: Sink;
  readonly limits: BatchLimits;
  /** Events a second at most; null for no limit. */
  readonly rate: number | null;
  /** Whether a refusal ends the agent. Otherwise it is retried, since a person may correct the receiver. */
  readonly endsWhenRefused: boolean;
  readonly surroundings: Surroundings;
  readonly note: (text: string) => void;
  /** Called after each round, once it is acknowledged; what it throws ends the agent. */
  readonly onDelivered: (round: Round, result: Delivered) => void;
}

const BACK_OFF = { firstMs: 200, maxMs: 30_000 };

/**
 * Source → channel → sink, until the sources have ended and everything is delivered, or until the signal. What the channel
 * still holds then is delivered by the next run.
 * @throws whatever a source or the channel throws, and RefusedError if a refusal ends the agent.
 */
export const runAgent = async (options: AgentOptions, signal: AbortSignal): Promise<void> => {
  const { sources, channel, sink, surroundings, note } = options;
  const { place, sink: before } = channel.delivered();
  const state = await sink.open(before);
  if (before === null && state !== null) await channel.acknowledge(place, state);
  const failed = new AbortController();
  const all = AbortSignal.any([signal, failed.signal]);
  // Each call of a source may wait for it.
  setMaxListeners(0, all);
  let broken: unknown = null;
  /** Whatever else the agent does then is abandoned. */
  const onBroken = (error: unknown): void => {
    broken ??= error;
    failed.abort();
  };
  const into = intake({ channel, rate: options.rate, surroundings, note, onBroken }, all);
  const fail = (error: unknown): never => {
    failed.abort();
    throw error;
  };
  const reading = Promise.all(sources.map((source) => source.run(into, all).catch((error) => (all.aborted ? undefined : fail(error))))).then(() => {});
  const delivering = deliverAll(
    options,
    reading.catch(() => {}),
    all,
    onBroken,
  ).catch(fail);
  const [read, delivered] = await Promise.allSettled([reading, delivering]);
  await sink.close();
  if (broken !== null) throw broken;
  for (const result of [read, delivered]) if (result.status === 'rejected') throw result.reason;
};

/** @param onFailed is called as soon as a round fails for good: the next one may be long in coming. */
const deliverAll = async (options: AgentOptions, ended: Promise<void>, signal: AbortSignal, onFailed: (error: unknown) => void): Promise<void> => {
  const { channel, sink, limits, surroundings, onDelivered } = options;
  const inFlight = new Set<Promise<boolean>>();
  let isFirst = true;
  /** Rounds are acknowledged in order. */
  let before: Promise<boolean> = Promise.resolve(true);
  for await (const round of roundsOf(channel, limits, surroundings, ended, signal)) {
    const results = deliverRound(options, round, signal);
    const previous = before;
    const one = (async () => {
      const result = await results;
      if (!(await previous) || result === null) return false;
      await acknowledge(options, round, result.state, signal);
      onDelivered(round, result);
      return true;
    })();
    before = one;
    const tracked = one.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
    tracked.catch(onFailed);
    // The first goes alone: if the receiver refuses it, the rest is not sent either.
    if (inFlight.size >= sink.parallel || isFirst) await Promise.race(inFlight);
    isFirst = false;
  }
  await Promise.all(inFlight);
};

/** Waits while the disk is too full even for a cursor. */
const acknowledge = async ({ channel, surroundings, note }: AgentOptions, { end }: Round, state: SinkState, signal: AbortSignal): Promise<void> => {
  for (;;) {
    try {
      return await channel.acknowledge(end, state);
    } catch (error) {
      if ((error as Error).name !== 'ChannelFullError' || signal.aborted) throw error;
      note((error as Error).message);
      await surroundings.sleep(BACK_OFF.maxMs, signal);
    }
  }
};

/** Null if the signal came first. */
const deliverRound = async (options: AgentOptions, { entries }: Round, signal: AbortSignal): Promise<Delivered | null> => {
  let [accepted, rejected, state, offset]: [number, number, SinkState, number] = [0, 0, null, 0];
  const errors: Delivered['errors'][number][] = [];
  for (const batches of callsOf(entries)) {
    const result = await persistently(options, () => options.sink.deliver(batches), signal);
    if (result === null) return null;
    accepted += result.accepted;
    rejected += result.rejected;
    for (const { index = 0, ...error } of result.errors) errors.push({ index: offset + index, ...error });
    offset += batches.reduce((sum, { events }) => sum + events, 0);
    ({ state } = result);
  }
  return { accepted, rejected, errors, state };
};

const persistently = async (
  { endsWhenRefused, surroundings: { sleep, random }, note }: AgentOptions,
  call: () => Promise<Delivered>,
  signal: AbortSignal,
): Promise<Delivered | null> => {
  for (let failures = 1; ; failures++) {
    if (signal.aborted) return null;
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof RefusedError;
      if (!(error instanceof TryLaterError || isRefused) || (isRefused && endsWhenRefused)) throw error;
      note(`${error.message}; trying again …`);
      const afterMs = error instanceof TryLaterError ? error.afterMs : BACK_OFF.maxMs;
      // Jitter, so that many agents do not come back at the same moment.
      await sleep(Math.max(afterMs * (1 + random()), backOffMs(failures, BACK_OFF) * (1 - random() / 2)), signal);
    }
  }
};
