import { Temporal } from '@js-temporal/polyfill';
import { EVERY, type Step } from '../../shared/request/steps.ts';
import { calendar } from '../../shared/request/zone-calendar.ts';
import { random } from '../../testing/random.ts';

/**
 * Windows of an answer in every time zone, around every change of its offset since 1900, held against another
 * implementation of Temporal. A part of the zones by default; ZONES=all walks them all (CI),
 * ZONES=Africa/Casablanca,America/Adak those; SEED=… picks others.
 */
const SINCE_MS = Date.parse('1900-01-01T00:00:00Z');
const UNTIL_MS = Date.parse('2037-01-01T00:00:00Z');
const CLOCK_STEPS: Readonly<Partial<Record<Step, number>>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '7m': 420_000,
  '30m': 1_800_000,
  '90m': 5_400_000,
  '36h': 129_600_000,
};
const STEPS: readonly Step[] = [
  ...EVERY.filter((every): every is Exclude<(typeof EVERY)[number], 'all'> => every !== 'all'),
  '7m',
  '30m',
  '90m',
  '2h',
  '12h',
  '36h',
  '2d',
  '2w',
  '1q',
  '5mo',
  '1y',
  '10y',
];

const ODD = [
  'America/St_Johns',
  'Asia/Amman',
  'Australia/Lord_Howe',
  'Asia/Pyongyang',
  'Pacific/Apia',
  'Africa/Monrovia',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
];
const all = Intl.supportedValuesOf('timeZone');
const seed = Number(process.env.SEED ?? 1);
const r = random(seed);
const isWhole = process.env.ZONES === 'all';
/** Those named, else all or some. */
const named = process.env.ZONES?.includes('/') ? process.env.ZONES.split(',') : null;
const zones = named ?? (isWhole ? all : [...new Set([...ODD, ...Array.from({ length: 6 }, () => r.pick(all))])]);
/** The newest of them, and some others. */
const some = (changes: readonly number[]): number[] => changes.filter((_, i) => i >= changes.length - 2 || r.chance(12 / changes.length));

const zoned = (ms: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
const transitions = (zone: string): number[] => {
  const found: number[] = [];
  for (let at = zoned(SINCE_MS, zone).getTimeZoneTransition('next'); at !== null && at.epochMilliseconds < UNTIL_MS; at = at.getTimeZoneTransition('next'))
    found.push(at.epochMilliseconds);
  return found;
};

const daysSince = (from: string, date: Temporal.PlainDate): number => Temporal.PlainDate.from(from).until(date, { largestUnit: 'days' }).days;

/** What a wall clock shows, looked up once: this implementation takes its time. */
const clockOf = (zone: string) => {
  const changes = transitions(zone);
  const known = new Map<number, { readonly date: Temporal.PlainDate; readonly hour: number; readonly offsetMs: number }>();
  const at = (ms: number) => {
    let shown = known.get(ms);
    if (shown === undefined) {
      const time = zoned(ms, zone);
      known.set(ms, (shown = { date: time.toPlainDate(), hour: time.hour, offsetMs: time.offsetNanoseconds / 1e6 }));
    }
    return shown;
  };
  /** The window that a time falls in, by the definition alone: two times with the same name are in one window. */
  const nameOf = (ms: number, every: Step): string => {
    const { date, hour, offsetMs } = at(ms);
    const step = CLOCK_STEPS[every];
    if (step !== undefined) return `${changes.findLastIndex((changeMs) => changeMs <= ms)} ${Math.floor((ms + offsetMs) / step)}`;
    const n = Number.parseInt(every, 10);
    const months = date.year * 12 + date.month - 1;
    const monday = date.subtract({ days: date.dayOfWeek - 1 });
    switch (every.replace(/\d+/, '')) {
      case 'h':
        return `${date} ${Math.floor(hour / n)}`;
      case 'd':
        return n === 7 ? String(monday) : `${Math.floor(daysSince('1970-01-01', date) / n)}`;
      case 'w':
        return `${Math.floor(daysSince('1969-12-29', monday) / (7 * n))}`;
      case 'mo':
        return `${Math.floor(months / n)}`;
      case 'q':
        return `${Math.floor(months / (3 * n))}`;
      default:
        return `${Math.floor(date.year / n)}`;
    }
  };
  return { changes, at, nameOf };
};

test.each(zones)('windows and local times around each change of the offset in %s', (zone) => {
  const own = calendar(zone, 'monday');
  const { changes, at: shown, nameOf } = clockOf(zone);
  const wrong: string[] = [];
  for (const atMs of isWhole || named !== null ? changes : some(changes)) {
    const times = [-90_000_000, -3_700_000, -1_800_000, -60_000, -1, 0, 1, 60_000, 1_800_000, 3_700_000, 90_000_000].map((ms) => atMs + ms);
    for (const ms of times) {
      const at = new Date(ms).toISOString();
      const offset = own.offset(ms);
      if (offset !== shown(ms).offsetMs) wrong.push(`offset at ${at}: ${offset}`);
      for (const every of STEPS) {
        const startMs = own.floor(ms, every);
        if (nameOf(startMs, every) !== nameOf(ms, every)) wrong.push(`${every} of ${at} begins outside of it, ${startMs}`);
        if (nameOf(startMs - 1, every) === nameOf(ms, every)) wrong.push(`${every} of ${at} begins before ${startMs}`);
        if (own.floor(startMs, every) !== startMs) wrong.push(`${every} of ${at} begins at ${startMs}, which begins elsewhere`);
      }
    }
    for (const ms of [-1_800_000, 0, 1_800_000]) {
      const wall = zoned(atMs + ms, zone).toPlainDateTime();
      const local = own.fromLocal(wall.toString());
      if (local !== wall.toZonedDateTime(zone).epochMilliseconds) wrong.push(`${wall} is at ${local}`);
    }
    for (const every of STEPS) {
      const names = new Set(times.slice(3, 8).map((ms) => nameOf(ms, every)));
      if (own.isOneWindow(times[3] as number, (times[7] as number) + 1, every) !== (names.size === 1)) wrong.push(`${every} around ${atMs}: ${[...names]}`);
    }
  }
  expect(wrong.slice(0, 10)).toEqual([]);
});

test('years below 100 are years of their own', () => {
  const utc = calendar('UTC', 'monday');
  expect(
    ['0001-01-01T00:00:00Z', '0099-12-31T12:00:00Z', '1901-01-15T00:00:00Z'].map((at) => new Date(utc.floor(Date.parse(at), '1mo')).toISOString()),
  ).toEqual(['0001-01-01T00:00:00.000Z', '0099-12-01T00:00:00.000Z', '1901-01-01T00:00:00.000Z']);
});

test.each([
  ['Europe/Berlin', '2024-10-27T02:30', '2024-10-27T00:30:00.000Z'],
  ['Europe/Berlin', '2024-03-31T02:30', '2024-03-31T01:30:00.000Z'],
  ['Asia/Amman', '2021-10-29', '2021-10-28T21:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ['UTC', '0001-01-01', '0001-01-01T00:00:00.000Z'],
])('in %s, %s is %s', (zone, local, at) => {
  expect(new Date(calendar(zone, 'monday').fromLocal(local)).toISOString()).toBe(at);
});
