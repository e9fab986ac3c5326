// Times and durations in words.

const formats = new Map<string, Intl.DateTimeFormat>();
const format = (zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = zone + JSON.stringify(options);
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, found);
  }
  return found;
};
const TWO = '2-digit' as const;
export const clock = (ms: number, zone: string): string => format(zone, { hour: TWO, minute: TWO }).format(ms);
const clockSeconds = (ms: number, zone: string): string => format(zone, { hour: TWO, minute: TWO, second: TWO }).format(ms);
export const month = (ms: number, zone: string): string => format(zone, { month: 'short', year: 'numeric' }).format(ms);
const yearOf = (ms: number, zone: string): string => format(zone, { year: 'numeric' }).format(ms);

/** A day, with its year unless that is the one of now. */
export const day = (ms: number, zone: string, nowMs: number): string =>
  format(zone, { weekday: 'short', day: 'numeric', month: 'short', ...(yearOf(ms, zone) === yearOf(nowMs, zone) ? {} : { year: 'numeric' }) }).format(ms);
/** A day on an axis. */
export const shortDay = (ms: number, zone: string): string => format(zone, { day: 'numeric', month: 'short' }).format(ms);

/** A range that ends at midnight ends at 24:00 of the day before. */
const endClock = (ms: number, zone: string): string => (clock(ms, zone) === '00:00' ? '24:00' : clock(ms, zone));

/** From, to: its day once if it has only one, no clock if it is whole days. */
export const span = (from: number, to: number, zone: string, nowMs: number): { readonly day: string; readonly clock: string } => {
  const [first, last] = [day(from, zone, nowMs), day(to - 1, zone, nowMs)];
  const isWhole = clock(from, zone) === '00:00' && clock(to, zone) === '00:00';
  if (first === last) return { day: first, clock: isWhole ? '' : `${clock(from, zone)} – ${endClock(to, zone)}` };
  return isWhole ? { day: `${first} – ${last}`, clock: '' } : { day: `${first} ${clock(from, zone)} – ${last} ${endClock(to, zone)}`, clock: '' };
};
export const spanText = (from: number, to: number, zone: string, nowMs: number): string => {
  const { day: days, clock: clocks } = span(from, to, zone, nowMs);
  return clocks === '' ? days : `${days}, ${clocks}`;
};
/** A time with its day, if that is not today. */
export const moment = (ms: number, zone: string, nowMs: number): string => {
  const today = day(ms, zone, nowMs) === day(nowMs, zone, nowMs);
  return today ? clockSeconds(ms, zone) : `${day(ms, zone, nowMs)}, ${clockSeconds(ms, zone)}`;
};

/** About how long: 3 s, 12 min, 5 h, 4 days. */
export const about = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3_600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
};
/** Exactly how long: 1 h 53 min. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
};
