import { segmentChannel } from '../../agent/channel/segment-channel.ts';
import type { Batch } from '../../agent/ports/batch.ts';
import { type Delivered, type Sink, TryLaterError } from '../../agent/ports/sink.ts';
import type { Source } from '../../agent/ports/source.ts';
import { type AgentOptions, runAgent } from '../../agent/run-agent.ts';
import type { Surroundings } from '../../agent/surroundings.ts';
import type { Random } from '../../testing/random.ts';
import type { MemoryFiles } from './memory-files.ts';

/** What a receiver has: the content of each id, as Twinstream keeps an event once per id. */
export const receiver = (random: Random) => {
  const events = new Map<string, string>();
  let calls = 0;
  let isAway = false;
  const take = (batches: readonly Batch[]): void => {
    for (const { key, at, body, events: n } of batches) {
      const lines = body.toString().split('\n').slice(0, -1);
      expect(lines).toHaveLength(n);
      for (const [i, line] of lines.entries()) {
        const id = `${key}:${at + i}`;
        expect(events.get(id) ?? line).toBe(line);
        events.set(id, line);
      }
    }
  };
  const sink = (parallel: number): Sink => ({
    name: 'receiver',
    parallel,
    open: async () => null,
    close: async () => {},
    deliver: async (batches): Promise<Delivered> => {
      calls++;
      // It may have taken them, and the answer is lost.
      if (isAway) throw new TryLaterError('It is away', 0);
      const isLost = random.chance(0.2);
      if (!isLost || random.chance(0.5)) take(batches);
      if (isLost) throw new TryLaterError('The answer was lost', 0);
      return { accepted: batches.reduce((sum, { events: n }) => sum + n, 0), rejected: 0, errors: [], state: null };
    },
  });
  return {
    events,
    sink,
    calls: () => calls,
    away: (is: boolean) => {
      isAway = is;
    },
  };
};

/** Lines in memory, by number, in chunks of random size. */
export const numbered = (lines: readonly string[], random: Random): Source => ({
  name: 'lines',
  run: async (intake, signal) => {
    for (let at = Number(intake.positionOf('lines')?.at ?? 0); at < lines.length && !signal.aborted; ) {
      const some = lines.slice(at, at + random.integer(1, 7));
      at += some.length;
      const body = Buffer.from(some.map((line) => `${line}\n`).join(''));
      await intake.take({ stream: 'lines', position: { at }, ids: null, type: 'edit', header: null, events: some.length, body });
    }
  },
});

export interface Started {
  readonly files: MemoryFiles;
  readonly source: Source;
  readonly sink: Sink;
  readonly surroundings: Surroundings;
  readonly maxBytes: number;
}
export const LIMITS: AgentOptions['limits'] = { events: 20, bytes: 2_000, waitMs: 1_000 };

/** One life of an agent, until its source has ended and all is delivered, or its file system ends. */
export const live = async ({ files, source, sink, surroundings, maxBytes }: Started): Promise<void> => {
  const channel = await segmentChannel({ folder: '/agent', files, maxBytes, segmentBytes: maxBytes >> 3, note: () => {} });
  await runAgent(
    { sources: [source], channel, sink, limits: LIMITS, rate: null, endsWhenRefused: false, surroundings, note: () => {}, onDelivered: () => {} },
    new AbortController().signal,
  );
  await channel.close();
};
