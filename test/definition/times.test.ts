import fc from 'fast-check';
import { canonicalMs, canonicalTime, MAX_MS, MIN_MS, parseTime } from '../../shared/definition/times.ts';
import { batchSizes, WINDOW_MS, type WindowSize, windowKey, windowKeyAt, windowStartMs } from '../../shared/definition/windows.ts';
import { nextEpoch } from '../../shared/log/epochs.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import { RUNS } from '../laws/specs.ts';

describe('times', () => {
  test.each<[unknown, string]>([
    ['2015-09-12T00:46:58.771Z', '2015-09-12T00:46:58.771Z'],
    ['2015-09-12T00:46:58Z', '2015-09-12T00:46:58.000Z'],
    ['2015-09-12T00:46Z', '2015-09-12T00:46:00.000Z'],
    ['2015-09-12t00:46:58z', '2015-09-12T00:46:58.000Z'],
    ['2015-09-12 00:46:58Z', '2015-09-12T00:46:58.000Z'],
    ['2015-09-12T00:46:58,771Z', '2015-09-12T00:46:58.771Z'],
    ['2015-09-12T00:46:58.7719999Z', '2015-09-12T00:46:58.771Z'],
    ['2015-09-12T00:46:58.7Z', '2015-09-12T00:46:58.700Z'],
    ['2015-09-12T02:46:58+02:00', '2015-09-12T00:46:58.000Z'],
    ['2015-09-12T02:46:58+0200', '2015-09-12T00:46:58.000Z'],
    ['2015-09-11T19:16:58-05:30', '2015-09-12T00:46:58.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
    ['2017-01-01T08:59:60.5+09:00', '2016-12-31T23:59:59.999Z'],
    ['2016-02-29T00:00:00Z', '2016-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [1_442_018_818_771, '2015-09-12T00:46:58.771Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
  ])('given %j, then it is stored as %s', (given, text) => {
    expect(canonicalTime(given)).toEqual({ text, ms: Date.parse(text) });
  });

  test('given any time as it is stored, then it is read as Date.parse reads it', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_MS, max: MAX_MS }), (ms) => {
        expect(canonicalMs(new Date(ms).toISOString())).toBe(ms);
      }),
      RUNS,
    );
  });

  test('given any text of that form, then it is a time as it is stored, or none', () => {
    const twoDigits = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
    const form = fc.tuple(twoDigits, twoDigits, twoDigits, twoDigits, twoDigits, twoDigits, twoDigits, fc.integer({ min: 100, max: 999 }));
    fc.assert(
      fc.property(form, ([century, year, month, day, hour, minute, second, ms]) => {
        const text = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
        const date = new Date(text);
        const isStored = !Number.isNaN(date.getTime()) && date.toISOString() === text && !text.startsWith('0000');
        expect(canonicalMs(text)).toBe(isStored ? date.getTime() : null);
      }),
      RUNS,
    );
    for (let i = 0; i < 24; i++) {
      const text = '2015-09-12T00:46:58.771Z';
      for (const other of ['x', ':', '/', '\uff11'])
        expect(canonicalMs(text.slice(0, i) + other + text.slice(i + 1))).toBe(text[i] === other ? Date.parse(text) : null);
    }
  });

  test.each<unknown>([
    '',
    'now',
    '2015-09-12',
    '2015-09-12T00:46:58',
    '2015-09-12T00:46:58+2',
    '2015-09-12T00Z',
    '2015-02-29T00:00:00Z',
    '2015-02-30T00:00:00.000Z',
    '2015-04-31T10:00:00+02:00',
    '2015-13-01T00:00:00Z',
    '2015-00-01T00:00:00Z',
    '2015-09-00T00:00:00Z',
    '2015-09-12T25:00:00Z',
    '2015-09-12T24:00:01Z',
    '2015-09-12T00:60:00Z',
    '2015-09-12T00:00:60Z',
    '0000-01-01T00:00:00Z',
    '+12015-09-12T00:46:58Z',
    '9999-12-31T23:59:59-01:00',
    '0001-01-01T00:00:00+01:00',
    ' 2015-09-12T00:46:58Z',
    '2015-09-12T00:46:58Z\n',
    1.5,
    Number.NaN,
    8.64e15,
    true,
    '2015-09-11T24:00:00Z',
    '2015-09-11T24:00:00.000Z',
    null,
    {},
  ])('given %j, then it is no time', (given) => expect(canonicalTime(given)).toBeNull());

  test('given any time with any zone, then it is read as the time that it was written for', () => {
    const pad = (n: number) => String(n).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (date, offset) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().replace('Z', '');
          const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
          expect(parseTime(local + zone)).toBe(date.getTime());
          expect(canonicalTime(date.toISOString())).toEqual({ text: date.toISOString(), ms: date.getTime() });
        },
      ),
      { ...RUNS, numRuns: 1_000 },
    );
  });
});

describe('windows', () => {
  test.each<[WindowSize, string]>([
    ['1m', '2015-09-12T00:46'],
    ['5m', '2015-09-12T00:45'],
    ['15m', '2015-09-12T00:45'],
    ['1h', '2015-09-12T00:00'],
    ['1d', '2015-09-12T00:00'],
  ])('given 00:46:58.771, then its %s window starts at %s', (size, key) => expect(windowKey('2015-09-12T00:46:58.771Z', size)).toBe(key));

  test('given any time, then its window starts at or before it and ends after it, on a multiple of its length', () => {
    const sizes = Object.keys(WINDOW_MS) as WindowSize[];
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }), fc.constantFrom(...sizes), (date, size) => {
        const key = windowKey(date.toISOString(), size);
        const start = windowStartMs(key);
        expect(start).toBeLessThanOrEqual(date.getTime());
        expect(start + WINDOW_MS[size]).toBeGreaterThan(date.getTime());
        expect(start - Math.floor(start / WINDOW_MS[size]) * WINDOW_MS[size]).toBe(0);
        expect(windowKeyAt(start)).toBe(key);
      }),
      { ...RUNS, numRuns: 1_000 },
    );
  });

  test.each([
    ['1m', ['1m', '1h', '1d']],
    ['5m', ['5m', '1h', '1d']],
    ['15m', ['15m', '1h', '1d']],
    ['1h', ['1h', '1d']],
  ] as const)('given a base window of %s, then the batch layer writes %j', (base, sizes) => expect(batchSizes(base)).toEqual(sizes));
});

describe('epochs', () => {
  test('given arrival times that step back, then a shard never goes back to an earlier epoch', () => {
    const arrivals = [10, 61, 59, 130, 0, 119, 180].map((seconds) => seconds * 1_000);
    let epoch = 0;
    expect(arrivals.map((at) => (epoch = nextEpoch(epoch, at, 60_000)))).toEqual([0, 60_000, 60_000, 120_000, 120_000, 120_000, 180_000]);
  });
  test('given the same records in batches of any sizes, then every record gets the same epoch', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 50 }), fc.integer({ min: 0, max: 50 }), (arrivals, cut) => {
        const epochsFrom = (start: number, list: readonly number[]) => {
          let epoch = start;
          return list.map((at) => (epoch = nextEpoch(epoch, at, 60_000)));
        };
        const first = epochsFrom(0, arrivals.slice(0, cut));
        expect([...first, ...epochsFrom(first.at(-1) ?? 0, arrivals.slice(cut))]).toEqual(epochsFrom(0, arrivals));
      }),
      RUNS,
    );
  });
});

test('given sequence numbers of any length, then they are ordered as the whole numbers that they are', () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 56n });
  fc.assert(
    fc.property(number, fc.oneof(number, fc.bigInt({ min: 0n, max: 20n })), (a, b) => {
      expect(Math.sign(compareSequence(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      expect(Math.sign(compareSequence(String(a), String(a + 1n)))).toBe(-1);
    }),
    { ...RUNS, numRuns: 1_000 },
  );
});
