import { type PaceOptions, paced } from '../../shared/adapters/aws/paced.ts';

const always = () => true;
/** A clock that only waits and work move; each item takes so long, whatever else is under way. */
const setUp = ({ itemMs = 5, ...options }: Partial<PaceOptions> & { itemMs?: number }) => {
  let nowMs = 0;
  const begun: { readonly atMs: number; readonly units: number }[] = [];
  let underWay = 0;
  let most = 0;
  const work = async (units: number): Promise<number> => {
    begun.push({ atMs: nowMs, units });
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    if (--underWay === 0) nowMs += itemMs;
    return units;
  };
  const pace = paced({ unitsASecond: 500, parallel: 32, clock: () => nowMs, sleep: async (ms) => void (nowMs += ms), ...options });
  /** The most units that began in any second. */
  const worst = () =>
    Math.max(...begun.map(({ atMs }) => begun.filter((one) => one.atMs >= atMs && one.atMs < atMs + 1_000).reduce((n, { units }) => n + units, 0)));
  return { pace, work, begun, worst, most: () => most, now: () => nowMs };
};

test.each([
  ['cells of 173 KB', Array.from({ length: 60 }, () => 173), 700],
  ['cells of 1 KB', Array.from({ length: 2_000 }, () => 1), 700],
  ['large ones after small ones', [...Array.from({ length: 500 }, () => 2), ...Array.from({ length: 40 }, () => 300)], 700 + 32 * 300],
  ['one larger than a second takes', [2_400, 2_400], 2_400],
])('given %s, then no second takes many more units than it may, and the rest of the time is used', async (_, items, most) => {
  const { pace, work, begun, worst, now } = setUp({});
  expect(await pace(items, always, work)).toBe(true);
  expect(begun.map(({ units }) => units)).toEqual(items);
  expect(worst()).toBeLessThanOrEqual(most);
  const leastMs = (items.reduce((sum, one) => sum + one, 0) / 500) * 1_000;
  expect(now()).toBeGreaterThanOrEqual(leastMs - (Math.max(...items) * 32 * 1_000) / 500);
  expect(now()).toBeLessThanOrEqual(leastMs * 1.1 + 1_000);
});

test('given small items, then no more than so many are under way', async () => {
  const { pace, work, most } = setUp({ parallel: 8 });
  await pace(
    Array.from({ length: 100 }, () => 1),
    always,
    work,
  );
  expect(most()).toBe(8);
});

test('given several calls, then they share the pace', async () => {
  const { pace, work, now } = setUp({});
  for (let call = 0; call < 10; call++) await pace([500], always, work);
  expect(now()).toBeGreaterThanOrEqual(9_000);
});

test('given that the time is over, then it ends between two items, and says so', async () => {
  const { pace, work, begun, now } = setUp({});
  expect(
    await pace(
      Array.from({ length: 60 }, () => 500),
      () => now() < 10_000,
      work,
    ),
  ).toBe(false);
  expect(begun.length).toBeGreaterThan(8);
  expect(begun.length).toBeLessThan(12);
});

test('given an item that fails, then so does the call', async () => {
  const { pace } = setUp({});
  await expect(pace([1, 2, 3], always, () => Promise.reject(new Error('throttled')))).rejects.toThrow('throttled');
});
