/** Windows of answers that lists name; any other number of a unit works as well. */
export const EVERY = ['1m', '5m', '15m', '1h', '6h', '1d', '7d', '1mo', 'all'] as const;
/** A number of minutes, hours, days, weeks, months, quarters or years: 10m, 2h, 1w, 1q. */
export type Step = `${number}${'m' | 'h' | 'd' | 'w' | 'mo' | 'q' | 'y'}`;
export type Every = Step | 'all';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What a step means: a length by the clock, a part of each local day, or a number of local days or months. */
export type StepOf =
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'hours'; readonly hours: number }
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'months'; readonly months: number };

const FORM = /^([1-9]\d{0,3})(m|h|d|w|mo|q|y)$/;
export const isStep = (text: string): text is Step => FORM.test(text);

const known = new Map<string, StepOf>();
export const stepOf = (every: Step): StepOf => {
  let step = known.get(every);
  if (step === undefined) known.set(every, (step = read(every)));
  return step;
};
const read = (every: Step): StepOf => {
  const [, digits, unit] = FORM.exec(every) ?? [];
  const n = Number(digits);
  switch (unit) {
    case 'm':
      return ofMinutes(n);
    case 'h':
      return ofMinutes(60 * n);
    case 'd':
      return { kind: 'days', days: n };
    case 'w':
      return { kind: 'days', days: 7 * n };
    case 'mo':
      return { kind: 'months', months: n };
    case 'q':
      return { kind: 'months', months: 3 * n };
    case 'y':
      return { kind: 'months', months: 12 * n };
    default:
      throw new RangeError(`Expected a step such as 10m, 2h or 1mo, got '${every}'`);
  }
};
/** More than an hour, if a day is a multiple of it, counts by the hours of each local day. */
const ofMinutes = (minutes: number): StepOf => {
  if (minutes === 1_440) return { kind: 'days', days: 1 };
  const isPart = minutes > 60 && minutes % 60 === 0 && 1_440 % minutes === 0;
  return isPart ? { kind: 'hours', hours: minutes / 60 } : { kind: 'clock', ms: minutes * MINUTE };
};

/** Whether stored windows of this length add up to its windows. */
export const isMultiple = (every: Step, baseMs: number): boolean => {
  const step = stepOf(every);
  return step.kind !== 'clock' || step.ms % baseMs === 0;
};

export const WEEKS = ['monday', 'sunday'] as const;
/** The day that weeks begin on. */
export type Week = (typeof WEEKS)[number];

/** The day, counted from 1970, on which the window of a day begins. Other numbers of days than weeks count from 1970, months from the year 0. */
export const firstDay = (day: number, step: StepOf & { readonly kind: 'days' | 'months' }, week: Week): number => {
  if (step.kind === 'days') {
    // Day 0 was a Thursday.
    const shift = step.days % 7 !== 0 ? 0 : week === 'monday' ? 3 : 4;
    return day - modulo(day + shift, step.days);
  }
  const at = new Date(day * DAY);
  if (step.months === 1) return day - at.getUTCDate() + 1;
  const month = at.getUTCFullYear() * 12 + at.getUTCMonth();
  const first = new Date(0).setUTCFullYear(0, month - modulo(month, step.months), 1);
  return first / DAY;
};
const modulo = (a: number, b: number): number => ((a % b) + b) % b;
