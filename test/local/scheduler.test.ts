import { jest } from '@jest/globals';
import { scheduler } from '../../local/scheduler.ts';
import { waiter } from '../../local/waiter.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { quiet } from '../support/world.ts';

const errors: Readonly<Record<string, unknown>>[] = [];
const telemetry: Telemetry = { ...quiet, error: (_, fields) => void errors.push(fields) };
/** A task that ends when it is told to. */
const task = () => {
  let starts = 0;
  let end = () => {};
  let fail = (_: Error) => {};
  const run = () => {
    starts++;
    return new Promise<void>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
  };
  return { run, end: () => end(), fail: (error: Error) => fail(error), starts: () => starts };
};

beforeEach(() => {
  errors.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('given tasks, then each runs at its period, and not before', async () => {
  const calls: string[] = [];
  const of = (name: string, everyMs: number) => ({ name, everyMs, run: async () => void calls.push(name) });
  const tasks = scheduler([of('a', 100), of('b', 250)], telemetry);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual([]);
  tasks.start();
  await jest.advanceTimersByTimeAsync(510);
  expect(calls).toEqual(['a', 'a', 'b', 'a', 'a', 'b', 'a'].slice(0, calls.length));
  expect([calls.filter((name) => name === 'a').length, calls.filter((name) => name === 'b').length]).toEqual([5, 2]);
  await tasks.stop();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(calls).toHaveLength(7);
});

test('given a task that takes longer than its period, then it never runs twice at a time', async () => {
  const slow = task();
  const tasks = scheduler([{ name: 'slow', everyMs: 100, run: slow.run }], telemetry);
  tasks.start();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(slow.starts()).toBe(1);
  slow.end();
  await jest.advanceTimersByTimeAsync(100);
  expect(slow.starts()).toBe(2);
  slow.end();
  await tasks.stop();
});

test('given a task that is asked for now while it runs, then the asker joins that run', async () => {
  const slow = task();
  const tasks = scheduler([{ name: 'slow', everyMs: 100, run: slow.run }], telemetry);
  const [first, second] = [tasks.now('slow'), tasks.now('slow')];
  expect(slow.starts()).toBe(1);
  slow.end();
  await Promise.all([first, second]);
  void tasks.now('slow');
  expect(slow.starts()).toBe(2);
  slow.end();
});

test('given a task that fails, then it is logged by its name, and runs again at its next time', async () => {
  const broken = task();
  const tasks = scheduler([{ name: 'broken', everyMs: 100, run: broken.run }], telemetry);
  tasks.start();
  await jest.advanceTimersByTimeAsync(100);
  broken.fail(new Error('disk full'));
  await jest.advanceTimersByTimeAsync(100);
  expect([broken.starts(), errors]).toEqual([2, [{ name: 'broken', error: expect.stringContaining('disk full') }]]);
  broken.end();
  await tasks.stop();
});

test('given a stop while a task runs, then it waits for its end', async () => {
  const slow = task();
  const tasks = scheduler([{ name: 'slow', everyMs: 100, run: slow.run }], telemetry);
  void tasks.now('slow');
  let isStopped = false;
  const stopped = tasks.stop().then(() => (isStopped = true));
  await jest.advanceTimersByTimeAsync(1_000);
  expect(isStopped).toBe(false);
  slow.end();
  await stopped;
  expect(isStopped).toBe(true);
});

test('given a name that there is not, then it says which there are', () => {
  const tasks = scheduler([{ name: 'a', everyMs: 1, run: async () => {} }], telemetry);
  expect(() => tasks.now('b')).toThrow("Expected one of a, got 'b'");
});

test('given waits, then each ends by its time, or all at once when woken', async () => {
  const { wait, wake } = waiter();
  const ended: string[] = [];
  const note = (name: string, ms: number) => void wait(ms).then(() => ended.push(name));
  note('short', 100);
  note('long', 10_000);
  await jest.advanceTimersByTimeAsync(100);
  expect(ended).toEqual(['short']);
  note('other', 10_000);
  wake();
  await jest.advanceTimersByTimeAsync(0);
  expect(ended).toEqual(['short', 'long', 'other']);
  expect(jest.getTimerCount()).toBe(0);
});
