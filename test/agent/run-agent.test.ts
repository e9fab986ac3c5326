import { segmentChannel } from '../../agent/channel/segment-channel.ts';
import { intake } from '../../agent/intake.ts';
import { RefusedError, type Sink } from '../../agent/ports/sink.ts';
import type { Chunk, Source } from '../../agent/ports/source.ts';
import { runAgent } from '../../agent/run-agent.ts';
import { random } from '../../testing/random.ts';
import { memoryFiles } from './memory-files.ts';
import { virtualTime } from './virtual-time.ts';

const chunk: Chunk = { stream: 's', position: null, ids: null, type: 'edit', header: null, events: 1, body: Buffer.from('{}\n') };
const channelOf = () => segmentChannel({ folder: '/agent', files: memoryFiles(), maxBytes: 10_000, segmentBytes: 1_000, note: () => {} });

test('given a refusal after the first round, then the agent ends with it, even while its source waits for more', async () => {
  let onFirst = (): void => {};
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const source: Source = {
    name: 'two events, then none',
    run: async ({ take }, signal) => {
      await take(chunk);
      await first;
      await take(chunk);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  let calls = 0;
  const sink: Sink = {
    name: 'refuses the second call',
    parallel: 4,
    open: async () => null,
    close: async () => {},
    deliver: async () => {
      if (++calls > 1) throw new RefusedError('The token was revoked');
      return { accepted: 1, rejected: 0, errors: [], state: null };
    },
  };
  const options = { limits: { events: 1, bytes: 1_000, waitMs: 0 }, rate: null, endsWhenRefused: true, surroundings: virtualTime(random(1), 0) };
  const running = runAgent(
    { ...options, sources: [source], channel: await channelOf(), sink, note: () => {}, onDelivered: onFirst },
    new AbortController().signal,
  );
  await expect(running).rejects.toThrow('The token was revoked');
  expect(calls).toBe(2);
});

test('given a rate, then an hour without events does not let those after it come faster', async () => {
  const surroundings = virtualTime(random(1), 0);
  const { signal } = new AbortController();
  const { take } = intake({ channel: await channelOf(), rate: 10, surroundings, note: () => {}, onBroken: () => {} }, signal);
  await take(chunk);
  await surroundings.sleep(3_600_000, signal);
  const beganMs = surroundings.clock();
  for (let n = 0; n < 21; n++) await take(chunk);
  expect(surroundings.clock() - beganMs).toBe(2_000);
});
