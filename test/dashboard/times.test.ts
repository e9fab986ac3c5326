import { fixedRange, isoOf, rangeOf } from '../../dashboard/time/range.ts';
import { ceilTo, floorTo, lengthMs, nextAfter, STEPS, stepFor, stepsFor } from '../../dashboard/time/steps.ts';
import { fromLocal, inputOf, isZone, offsetMs, ofInput } from '../../dashboard/time/zone.ts';
import { about, duration, spanText } from '../../dashboard/words/times.ts';

const at = (time: string) => Date.parse(time);
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

describe('windows', () => {
  test.each(ZONES)('of each step are whole, follow each other, and hold what is in them, in %s through a change of the clock', (zone) => {
    for (const step of STEPS)
      for (let ms = at('2026-10-24T00:07:31Z'); ms < at('2026-11-05'); ms += 13 * 3_600_000) {
        const from = floorTo(ms, step, zone);
        const to = nextAfter(ms, step, zone);
        expect(from).toBeLessThanOrEqual(ms);
        expect(to).toBeGreaterThan(ms);
        // Of some hours, they are by the clock at the time that is asked about.
        if (lengthMs(step) <= 3_600_000 || lengthMs(step) >= 86_400_000) expect([floorTo(from, step, zone), ceilTo(from, step, zone)]).toEqual([from, from]);
      }
  });
  test('a local day at the end of summer time has 25 hours', () => {
    const from = floorTo(at('2026-10-25T12:00Z'), '1d', 'Europe/Berlin');
    expect([from, nextAfter(from, '1d', 'Europe/Berlin')].map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
  });
  test('weeks begin on Monday, quarters in January, April, July and October', () => {
    expect(isoOf(floorTo(at('2026-11-29T12:00Z'), '1w', 'UTC'))).toBe('2026-11-23T00:00Z');
    expect(isoOf(floorTo(at('2026-11-29T12:00Z'), '1q', 'UTC'))).toBe('2026-10-01T00:00Z');
  });
  test.each([
    ['1h', '1m'],
    ['24h', '30m'],
    ['7d', '3h'],
    ['30d', '12h'],
    ['365d', '1w'],
  ])('%s is shown by %s', (range, step) => {
    const [, number, unit] = /(\d+)(\w)/.exec(range) ?? [];
    expect(stepFor(Number(number) * lengthMs(`1${unit}`), '1m')).toBe(step);
  });
  test('are never finer than the coarsest metric', () => {
    expect(stepsFor(86_400_000, '1h')).toEqual(['1h', '3h', '6h']);
    expect(stepsFor(86_400_000, '1d')).toEqual(['1d']);
  });
});

describe('a range', () => {
  const query = {
    range: '',
    every: '',
    zone: 'UTC',
    nowMs: at('2026-11-30T18:07:12Z'),
    window: '1m',
    extent: { first: at('2026-11-01'), last: at('2026-11-30T18:07:00Z') },
  };
  const shown = (change: Partial<typeof query>) => {
    const { from, to, every, isFixed } = rangeOf({ ...query, ...change });
    return [isoOf(from), isoOf(to), every, isFixed];
  };
  test('is the last day by default, and ends with the window that fills', () =>
    expect(shown({})).toEqual(['2026-11-29T18:30Z', '2026-11-30T18:30Z', '30m', false]));
  test('ends at the newest event if that is long past', () =>
    expect(shown({ extent: { first: at('2015-09-12T00:46Z'), last: at('2015-09-12T23:59:59Z') } })).toEqual([
      '2015-09-12T00:00Z',
      '2015-09-13T00:00Z',
      '30m',
      false,
    ]));
  test('of everything begins with the first event', () => expect(shown({ range: 'all' })[0]).toBe('2026-11-01T00:00Z'));
  test('that is written in the URL stays where it is', () => {
    const range = fixedRange(at('2026-11-02T10:00Z'), at('2026-11-02T12:00Z'));
    expect(shown({ range })).toEqual(['2026-11-02T10:00Z', '2026-11-02T12:00Z', '1m', true].map((part) => (part === '1m' ? expect.any(String) : part)));
  });
  test.each(['x', '2026..', '9999999d', '2026-01-02..2026-01-01'])('that is nonsense (%s) is the last day', (range) =>
    expect(shown({ range })).toEqual(shown({})),
  );
  test('takes only windows that fit', () => {
    expect(shown({ range: '7d', every: '1m' })[2]).toBe('3h');
    expect(shown({ every: '1h' })[2]).toBe('1h');
  });
});

describe('zones', () => {
  test.each(ZONES)('the clock of %s is read back', (zone) => {
    for (let ms = at('2026-01-01T00:00Z'); ms < at('2026-12-31'); ms += 17.5 * 3_600_000) {
      const local = ms + offsetMs(ms, zone);
      // Twice a year one reading of the clock means two times.
      expect(Math.abs(fromLocal(local, zone) - ms) % 1_800_000).toBe(0);
    }
  });
  test('go through an input and back, to the minute; an empty input is no time', () => {
    expect(ZONES.map((zone) => ofInput(inputOf(at('2026-11-30T18:07:31Z'), zone), zone))).toEqual(ZONES.map(() => at('2026-11-30T18:07Z')));
    expect(ofInput('', 'Europe/Berlin')).toBeNaN();
  });
  test('that do not exist are known as such', () => expect([isZone('Europe/Berlin'), isZone('Europe/Nowhere')]).toEqual([true, false]));
});

test('times and durations in words', () => {
  expect([0, 4_000, 100_000, 7_200_000, 300_000_000].map(about)).toEqual(['0 s', '4 s', '2 min', '2 h', '3 days']);
  expect([0, 59_000, 6_780_000, 86_400_000].map(duration)).toEqual(['0 s', '59 s', '1 h 53 min', '1 d']);
  const now = at('2026-11-30T18:00Z');
  expect(spanText(at('2026-11-30T12:00Z'), at('2026-12-01T00:00Z'), 'UTC', now)).toBe('Mon 30 Nov, 12:00 – 24:00');
  expect(spanText(at('2015-09-12'), at('2015-09-13'), 'UTC', now)).toBe('Sat, 12 Sept 2015');
});
