import { Worker } from 'node:worker_threads';
import { type CallPool, type CallPoolOptions, callPool } from '../../local/call-pool.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { until } from '../support/until.ts';
import { quiet } from '../support/world.ts';

// Real threads, which do what a call says: answer, wait for a gate, work until they are told to end, hear nothing, fill their memory.
const CODE = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ id, event, flag }) => {
  const { gate, begun, does } = event;
  if (begun) { Atomics.store(begun, 0, 1); Atomics.notify(begun, 0); }
  if (gate) Atomics.wait(gate, 0, 0);
  if (does === 'listens') while (Atomics.load(flag, 0) === 0);
  if (does === 'is deaf') for (;;);
  if (does === 'fails') throw new Error('broken');
  if (does === 'fills memory') for (const all = [];;) all.push(new Array(1000).fill(id));
  parentPort.postMessage({ id, result: does });
});`;

const shared = () => new Int32Array(new SharedArrayBuffer(4));
const isSet = (flag: Int32Array) => until(() => Atomics.load(flag, 0) === 1);
const set = (flag: Int32Array) => {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
};

let started: number;
let warnings: string[];
let pool: CallPool;
const telemetry: Telemetry = { ...quiet, warn: (message) => void warnings.push(message), error: (message) => void warnings.push(message) };
const open = (options: Partial<CallPoolOptions>): void => {
  pool = callPool({ name: 'test', threads: 1, atOnce: 1, queued: 2, limitMs: null, graceMs: 100, ...options }, start, telemetry);
};
const start = () => {
  started++;
  return new Worker(CODE, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 } });
};
const call = (event: unknown, signal: AbortSignal | null): Promise<unknown> => pool.call('query', event, signal);
/** What became of a call: its result, or the status and kind of its problem. */
const outcome = (calling: Promise<unknown>): Promise<unknown> => calling.catch(({ status, kind }) => [status, kind]);
beforeEach(() => {
  started = 0;
  warnings = [];
});
afterEach(() => pool.stop());

describe('threads that answer calls', () => {
  test('given two threads, then two calls are worked on at once, and a third waits for either', async () => {
    open({ threads: 2 });
    const [gate, first, second, third] = [shared(), shared(), shared(), shared()];
    const calls = [first, second, third].map((begun) => call({ gate, begun, does: 'done' }, null));
    await Promise.all([first, second].map(isSet));
    expect([started, Atomics.load(third, 0)]).toEqual([2, 0]);
    set(gate);
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
  });

  test('given a caller that goes while its call waits, then the call never starts, and the next one does', async () => {
    open({});
    const [gate, begun, never] = [shared(), shared(), shared()];
    const controller = new AbortController();
    const working = call({ gate, begun }, null);
    await isSet(begun);
    const gone = outcome(call({ begun: never }, controller.signal));
    const next = call({ does: 'next' }, null);
    controller.abort();
    expect(await gone).toEqual([499, 'gone']);
    set(gate);
    await working;
    expect([await next, Atomics.load(never, 0), started]).toEqual(['next', 0, 1]);
  });

  test('given a caller that goes while its call is worked on, then the thread hears of it in the middle of its work', async () => {
    open({ limitMs: 60_000, graceMs: 60_000 });
    const begun = shared();
    const controller = new AbortController();
    const gone = outcome(call({ begun, does: 'listens' }, controller.signal));
    await isSet(begun);
    controller.abort();
    expect([await gone, await call({ does: 'next' }, null), started]).toEqual([[499, 'gone'], 'next', 1]);
  });

  test('given a thread that does not hear that its caller has gone, then another takes its place', async () => {
    open({ limitMs: 60_000 });
    const begun = shared();
    const controller = new AbortController();
    const gone = outcome(call({ begun, does: 'is deaf' }, controller.signal));
    await isSet(begun);
    controller.abort();
    expect([await gone, await call({ does: 'next' }, null), started]).toEqual([[499, 'gone'], 'next', 2]);
    expect(warnings).toEqual(['A thread did not end a call in time; it will be replaced']);
  });

  test('given a call past its time in a thread that does not end it, then 503, and another thread takes the next call', async () => {
    open({ limitMs: 3_000 });
    expect([await outcome(call({ does: 'is deaf' }, null)), await call({ does: 'next' }, null), started]).toEqual([[503, 'too-slow'], 'next', 2]);
  });

  test('given as many calls as may wait, then one more is refused with 503, and those that wait are answered', async () => {
    open({ queued: 1 });
    const [gate, begun] = [shared(), shared()];
    const calls = [call({ gate, begun, does: 'first' }, null), call({ does: 'second' }, null)];
    const refused = call({}, null);
    await expect(refused).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    set(gate);
    expect(await Promise.all(calls)).toEqual(['first', 'second']);
  });

  test('given a call that has waited as long as one may take, then 503, and it never starts', async () => {
    open({ limitMs: 200, graceMs: 60_000 });
    const [gate, begun, never] = [shared(), shared(), shared()];
    const working = call({ gate, begun }, null);
    await isSet(begun);
    expect(await outcome(call({ begun: never }, null))).toEqual([503, 'unavailable']);
    set(gate);
    await working;
    expect(Atomics.load(never, 0)).toBe(0);
  });

  test.each([
    ['dies', 'fails', [500, 'internal']],
    ['runs out of memory', 'fills memory', [400, 'too-much']],
  ])('given a thread that %s, then its call fails, and another thread takes the next one', async (_, does, expected) => {
    open({});
    expect([await outcome(call({ does }, null)), await call({ does: 'next' }, null), started]).toEqual([expected, 'next', 2]);
  });

  test('given that it stops, then calls that wait or are worked on are refused', async () => {
    open({});
    const begun = shared();
    const calls = [call({ begun, does: 'is deaf' }, null), call({}, null)].map(outcome);
    await isSet(begun);
    await pool.stop();
    expect([...(await Promise.all(calls)), await outcome(call({}, null))]).toEqual(Array(3).fill([503, 'unavailable']));
  });
});
