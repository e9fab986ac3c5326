import { bell } from './bell.ts';
import { type Channel, ChannelFullError } from './ports/channel.ts';
import type { Chunk, Intake } from './ports/source.ts';
import type { Surroundings } from './surroundings.ts';

/** How long a full disk is left alone; room that the channel makes itself is noticed at once. */
const RETRY_MS = 1_000;

export interface IntakeOptions {
  readonly channel: Channel;
  /** Events a second at most; null for no limit. */
  readonly rate: number | null;
  readonly surroundings: Surroundings;
  readonly note: (text: string) => void;
  /** Called when the channel fails for good: the agent has to end, whoever put something into it. */
  readonly onBroken: (error: unknown) => void;
}

/** What sources put events into: the channel, which makes those wait that can. */
export const intake = ({ channel, rate, surroundings, note, onBroken }: IntakeOptions, signal: AbortSignal): Intake => {
  const { clock, sleep } = surroundings;
  const append = (chunk: Chunk): Promise<void> =>
    channel.append(chunk).catch((error) => {
      if (!(error instanceof ChannelFullError)) onBroken(error);
      throw error;
    });
  /** From when on the next events keep to the rate; time in which none came is not made up for. */
  let dueAtMs = clock();
  const pace = async (events: number): Promise<void> => {
    if (rate === null) return;
    const nowMs = clock();
    const waitMs = dueAtMs - nowMs;
    dueAtMs = Math.max(dueAtMs, nowMs) + (events / rate) * 1_000;
    if (waitMs > 0) await sleep(waitMs, signal);
  };
  return {
    take: async (chunk: Chunk) => {
      await pace(chunk.events);
      const room = bell(surroundings);
      const unsubscribe = channel.onChange(room.ring);
      signal.addEventListener('abort', room.ring);
      try {
        for (;;) {
          try {
            return await append(chunk);
          } catch (error) {
            if (!(error instanceof ChannelFullError) || signal.aborted) throw error;
            note(`${error.message}: reading waits.`);
            await room.wait(RETRY_MS);
          }
        }
      } finally {
        unsubscribe();
        signal.removeEventListener('abort', room.ring);
      }
    },
    offer: append,
    positionOf: channel.positionOf,
    streams: channel.streams,
    note,
  };
};
