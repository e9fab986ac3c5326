import { MAX_WINDOWS } from '../../shared/live/changes.ts';
import { changed, MINUTE, row, world } from './feed-world.ts';

test('given a new subscriber, then it gets more: true, and the rows of windows that change, once each', async () => {
  const { next, subscriber, set } = world();
  const one = subscriber(null);
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [], more: true }]);
  set(MINUTE, 1);
  set(0, 2);
  expect(await next()).toBe(10);
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [row(0, 2), row(MINUTE, 1)] }]);
  // The same again is no news.
  set(0, 2);
  set(MINUTE, 3);
  expect(await next()).toBe(250);
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [row(MINUTE, 3)] }]);
  expect(await next()).toBe(null);
});

test('given a hundred subscribers, then a change is computed once, and given none, not at all', async () => {
  const { next, subscriber, set, asked } = world();
  set(0, 1);
  expect(await next()).toBe(null);
  const many = Array.from({ length: 100 }, () => subscriber(null));
  await next();
  expect(asked).toEqual([{ metric: 'hits', windows: [0] }]);
  for (const one of many)
    expect(one.taken()).toEqual([
      { metric: 'hits', windows: [], more: true },
      { metric: 'hits', windows: [row(0, 1)] },
    ]);
  for (const one of many) one.end();
  set(0, 2);
  expect(await next()).toBe(null);
  expect(asked).toHaveLength(1);
});

test('given a subscriber that comes back, then it gets what it missed, and no more', async () => {
  const { next, subscriber, set } = world();
  const one = subscriber(null);
  set(0, 1);
  set(MINUTE, 1);
  await next();
  one.end();
  const id = one.id();
  const other = subscriber(null);
  set(MINUTE, 2);
  await next();
  set(2 * MINUTE, 3);
  await next();
  other.end();
  // While nobody looks.
  set(3 * MINUTE, 4);
  const again = subscriber(id);
  expect(again.taken()).toEqual([{ metric: 'hits', windows: [row(MINUTE, 2), row(2 * MINUTE, 3)] }]);
  await next();
  expect(again.taken()).toEqual([{ metric: 'hits', windows: [row(3 * MINUTE, 4)] }]);
  expect(subscriber(again.id()).taken()).toEqual([]);
});

test.each([null, 'b.1', 'a.7', 'a', 'a.-1', '', 'a.1.2', '\u0000'])('given %j, which is no id of this feed, then the subscriber gets more: true', (id) => {
  expect(world().subscriber(id).taken()).toEqual([{ metric: 'hits', windows: [], more: true }]);
});

test('given a subscriber that does not read, then nothing waits for it, and it gets the newest rows once it does', async () => {
  const { next, subscriber, set } = world();
  const slow = subscriber(null);
  const quick = subscriber(null);
  slow.taken();
  slow.stall();
  for (let value = 1; value <= 5; value++) {
    set(0, value);
    await next();
  }
  expect(slow.taken()).toEqual([]);
  expect(quick.taken()).toHaveLength(6);
  slow.readOn();
  expect(slow.taken()).toEqual([{ metric: 'hits', windows: [row(0, 5)] }]);
  slow.readOn();
  expect(slow.taken()).toEqual([]);
});

test('given more windows than a message takes, then it has the newest, and says that there are more', async () => {
  const { feed, next, subscriber, asked } = world();
  const one = subscriber(null);
  const slow = subscriber(null);
  slow.stall();
  const windows = Array.from({ length: MAX_WINDOWS + 10 }, (_, i) => i * MINUTE);
  feed.written(changed(...windows.slice(0, 40)));
  feed.written(changed(...windows.slice(40)));
  await next();
  expect(asked[0]?.windows).toHaveLength(MAX_WINDOWS);
  const [, message] = one.taken();
  expect([message?.windows.length, message?.windows[0]?.window, message?.more]).toEqual([MAX_WINDOWS, new Date(10 * MINUTE).toISOString(), true]);
  // Of windows whose rows are no longer kept, a subscriber that is behind gets more: true.
  feed.written(changed(...Array.from({ length: 5 }, (_, i) => (1_000 + i) * MINUTE)));
  await next();
  expect(one.taken()[0]?.more).toBeUndefined();
  slow.readOn();
  const [, late] = slow.taken();
  expect([late?.windows.length, late?.more]).toEqual([MAX_WINDOWS, true]);
});

test('given a subscriber that misses more windows than are kept, then it gets more: true', async () => {
  const { feed, next, subscriber } = world();
  const slow = subscriber(null);
  slow.taken();
  slow.stall();
  for (const fromMs of [0, 100 * MINUTE]) {
    feed.written(changed(...Array.from({ length: 40 }, (_, i) => fromMs + i * MINUTE)));
    await next();
  }
  slow.readOn();
  const [late] = slow.taken();
  expect([late?.windows.length, late?.more]).toEqual([MAX_WINDOWS, true]);
});

test('given rows that cannot be computed, then subscribers get more: true, and the next change waits', async () => {
  const { next, subscriber, set, fail } = world();
  const one = subscriber(null);
  one.taken();
  fail(new Error('no disk'));
  set(0, 1);
  await next();
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [], more: true }]);
  fail(null);
  set(0, 2);
  expect(await next()).toBe(5_000);
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [row(0, 2)] }]);
});

test('given rows that take long, then computing them takes a quarter of the time at most', async () => {
  const { next, subscriber, set, take } = world();
  subscriber(null);
  take(1_000);
  set(0, 1);
  await next();
  set(0, 2);
  expect(await next()).toBe(3_000);
});

test('given a window that is not over, then its row comes again once the watermark has passed it', async () => {
  const { feed, next, subscriber, set, unfinished } = world();
  const one = subscriber(null);
  unfinished.add(0);
  set(0, 1);
  await next();
  expect(one.taken()[1]?.windows).toEqual([{ ...row(0, 1), complete: false }]);
  feed.written({ changes: {}, hasProgressed: true });
  await next();
  expect(one.taken()).toEqual([]);
  unfinished.clear();
  feed.written({ changes: {}, hasProgressed: true });
  await next();
  expect(one.taken()).toEqual([{ metric: 'hits', windows: [row(0, 1)] }]);
  feed.written({ changes: {}, hasProgressed: true });
  expect(await next()).toBe(null);
});

test('given another generation, then every subscriber gets more: true for its own metrics', async () => {
  const { feed, next, subscriber } = world();
  const [one, both] = [subscriber(null, ['odd']), subscriber(null, ['hits', 'odd'])];
  expect([one.taken().length, both.taken().length]).toEqual([1, 2]);
  feed.changedAtLarge();
  await next();
  expect(one.taken()).toEqual([{ metric: 'odd', windows: [], more: true }]);
  expect(both.taken().map(({ metric }) => metric)).toEqual(['hits', 'odd']);
});
