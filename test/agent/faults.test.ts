import { type Random, random } from '../../testing/random.ts';
import { isLong } from '../support/long.ts';
import { EndedError, memoryFiles } from './memory-files.ts';
import { virtualTime } from './virtual-time.ts';
import { live, numbered, receiver } from './world.ts';

// An agent that ends at any of its writes: what its source gave arrives, and counts once.

const LINES = Array.from({ length: 120 }, (_, i) => `{"n":${i},"text":"${'x'.repeat(i % 17)}"}`);
const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const MAX_BYTES = 4_000;

/** Each line has one id, whatever happened. */
const expectExactlyOnce = (events: ReadonlyMap<string, string>): void => {
  expect([...events.values()].sort()).toEqual([...LINES].sort());
};

/** Lives until one of them ends by itself; each of the others ends at an operation. */
const lives = async (seed: number, how: 'kill' | 'power', ends: readonly number[]): Promise<number> => {
  const r = random(seed);
  const world = receiver(r);
  let files = memoryFiles();
  for (const end of [...ends, Number.POSITIVE_INFINITY]) {
    files.endAt(end);
    const given = { files, source: numbered(LINES, r), sink: world.sink(3), surroundings: virtualTime(r, START_MS), maxBytes: MAX_BYTES };
    const error = await live(given).then(
      () => null,
      (thrown) => thrown,
    );
    if (error === null) break;
    if (!(error instanceof EndedError)) throw error;
    files = files.after(how, r);
  }
  expectExactlyOnce(world.events);
  return files.operations();
};

test.each(['kill', 'power'] as const)('given a %s at each operation on the file system, then nothing is lost and nothing counts twice', async (how) => {
  const operations = await lives(1, how, []);
  expect(operations).toBeGreaterThan(100);
  for (let end = 1; end <= operations; end += isLong ? 1 : 7) await lives(1, how, [end]);
});

test.each(['kill', 'power'] as const)('given a %s again and again, then the same', async (how) => {
  const pick = (r: Random) => Array.from({ length: 12 }, () => r.integer(1, 60));
  for (let seed = 1; seed <= (isLong ? 300 : 10); seed++) await lives(seed, how, pick(random(seed)));
});

test('given an outage of an hour, then the source waits once the channel is full, and everything arrives after it', async () => {
  const r = random(5);
  const world = receiver(r);
  const files = memoryFiles();
  const surroundings = virtualTime(r, START_MS);
  const lines = Array.from({ length: 400 }, (_, i) => `{"n":${i}}`);
  world.away(true);
  const { sleep } = surroundings;
  const ending: typeof sleep = async (ms, signal) => {
    await sleep(ms, signal);
    if (surroundings.clock() - START_MS >= 3_600_000) world.away(false);
  };
  let most = 0;
  const source = numbered(lines, r);
  const given = { files, source, sink: world.sink(2), surroundings: { ...surroundings, sleep: ending }, maxBytes: MAX_BYTES };
  const watched = {
    ...source,
    run: (intake: Parameters<typeof source.run>[0], signal: AbortSignal) =>
      source.run(
        {
          ...intake,
          take: async (chunk) => {
            await intake.take(chunk);
            most = Math.max(most, await bytesOf(files));
          },
        },
        signal,
      ),
  };
  await live({ ...given, source: watched });
  expect(surroundings.clock() - START_MS).toBeGreaterThan(3_600_000);
  expect([...world.events.values()].sort()).toEqual([...lines].sort());
  expect(most).toBeLessThanOrEqual(MAX_BYTES);
  // Back-off: an hour is not thousands of calls.
  expect(world.calls()).toBeLessThan(400);
});

test('given a full disk, then the source waits, nothing is lost, and it continues once there is room', async () => {
  const r = random(9);
  const world = receiver(r);
  const files = memoryFiles();
  const surroundings = virtualTime(r, START_MS);
  let sleeps = 0;
  const sleep: typeof surroundings.sleep = async (ms, signal) => {
    await surroundings.sleep(ms, signal);
    if (++sleeps === 40) files.limit(Number.POSITIVE_INFINITY);
  };
  files.limit(8_192 + 900);
  world.away(true);
  setTimeout(() => world.away(false));
  await live({ files, source: numbered(LINES, r), sink: world.sink(1), surroundings: { ...surroundings, sleep }, maxBytes: 100_000 });
  expectExactlyOnce(world.events);
});

const bytesOf = async (files: ReturnType<typeof memoryFiles>): Promise<number> => {
  let sum = 0;
  for (const name of await files.list('/agent')) if (name.endsWith('.segment')) sum += (await files.read(`/agent/${name}`))?.length ?? 0;
  return sum;
};
