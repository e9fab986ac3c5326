import { Temporal } from '@js-temporal/polyfill';
import type { Condition, DimensionSpec, FieldName, MeasureSpec, MetricSpec, Question, Row, Scalar, Step, Thing } from './spec.ts';

/**
 * What the answer to a question is, said as plainly as it can be: a list of events, Temporal for calendars, BigInt for sums,
 * sets and sorted lists for the rest. It shares no code with the product.
 */
export const expected = (metric: MetricSpec, posted: readonly Thing[], question: Question): Row[] => {
  const { fromMs, toMs, by, filter, measures, limit } = question;
  const events = [...new Map(posted.map((event) => [event.id, event])).values()].filter((event) => {
    const ms = msOf(event);
    return (
      ms >= fromMs &&
      ms < toMs &&
      (metric.where === null || holds(metric.where, event) === true) &&
      Object.entries(filter).every(([name, values]) => values.includes(dimension(metric.dimensions[name] as DimensionSpec, event) as Scalar))
    );
  });
  const groups = new Map<string, { readonly startMs: number; readonly of: readonly (Scalar | null)[]; readonly events: Thing[] }>();
  for (const event of events) {
    const startMs = question.every === 'all' ? fromMs : windowStart(msOf(event), question.every, question.tz);
    const of = by.map((name) => dimension(metric.dimensions[name] as DimensionSpec, event));
    const key = JSON.stringify([startMs, of]);
    const group = groups.get(key) ?? { startMs, of, events: [] };
    groups.set(key, group);
    group.events.push(event);
  }
  const rows = [...groups.values()].map(
    ({ startMs, of, events: own }): Row => ({
      window: new Date(startMs).toISOString(),
      ...Object.fromEntries(by.map((name, i) => [name, of[i]])),
      ...Object.fromEntries(measures.map((name) => [name, measured(metric.measures[name] as MeasureSpec, own)])),
    }),
  );
  const order = [...(question.order === null ? [] : [question.order]), 'window', ...by];
  rows.sort((a, b) => {
    for (const name of order) {
      const difference = compareIn(name, a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return limit === null ? rows : rows.slice(0, limit);
};

const msOf = ({ at }: Thing): number => Date.parse(at);

/** Nulls come last, whichever way the rest goes. */
const compareIn = (order: string, a: Row, b: Row): number => {
  const descending = order.startsWith('-');
  const [x, y] = [a[order.replace(/^-/, '')], b[order.replace(/^-/, '')]] as [Scalar | null, Scalar | null];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return descending ? -compare(x, y) : compare(x, y);
};
/** Texts by their UTF-8 bytes, numbers by size, false before true. */
const compare = (x: Scalar, y: Scalar): number =>
  typeof x === 'string' && typeof y === 'string' ? Buffer.compare(Buffer.from(x), Buffer.from(y)) : Number(x) - Number(y);

// Conditions and dimensions.

const fieldOf = (event: Thing, field: FieldName): Scalar | null => event[field] ?? null;

const holds = (condition: Condition, event: Thing): boolean | null => {
  switch (condition.is) {
    case 'exists':
      return fieldOf(event, condition.field) !== null;
    case 'not': {
      const of = holds(condition.of, event);
      return of === null ? null : !of;
    }
    case 'and':
    case 'or': {
      const all = condition.of.map((one) => holds(one, event));
      const decisive = condition.is === 'or';
      return all.includes(decisive) ? decisive : all.includes(null) ? null : !decisive;
    }
    default: {
      const value = fieldOf(event, condition.field);
      if (value === null) return null;
      if (condition.is === 'in') return condition.values.includes(value);
      const difference = compare(value, condition.value);
      return { eq: difference === 0, gt: difference > 0, gte: difference >= 0, lt: difference < 0, lte: difference <= 0 }[condition.is];
    }
  }
};

const dimension = (spec: DimensionSpec, event: Thing): Scalar | null => {
  const utc = () => Temporal.Instant.from(event.at).toZonedDateTimeISO('UTC');
  switch (spec.by) {
    case 'field':
      return fieldOf(event, spec.field);
    case 'lower':
      return (fieldOf(event, spec.field) as string | null)?.toLowerCase() ?? null;
    case 'coalesce':
      return fieldOf(event, spec.field) ?? spec.value;
    case 'hour':
      return utc().hour;
    case 'weekday':
      return utc().dayOfWeek;
    case 'month':
      return utc().month;
    case 'date':
      return utc().toPlainDate().toString();
  }
};

// Measures.

const SCALES = { n: 0, price: 2, weight: 3 } as const;
/** A number in units of its last decimal, exactly. */
const units = (value: number, scale: number): bigint => BigInt(Math.round(value * 10 ** scale));
const fromUnits = (total: bigint, scale: number): number => Number(`${total}e-${scale}`);

/** The number of the answer to a `uniques`, and how far an estimate may be from it. */
export const MAX_ERROR = 5 * 0.01625;

const measured = (spec: MeasureSpec, events: readonly Thing[]): unknown => {
  if (spec.measure === 'count') return events.length;
  const values = events.map((event) => fieldOf(event, spec.field)).filter((value) => value !== null);
  switch (spec.measure) {
    case 'sum':
    case 'mean': {
      if (values.length === 0) return null;
      const scale = SCALES[spec.field];
      const total = values.reduce<bigint>((sum, value) => sum + units(value as number, scale), 0n);
      return spec.measure === 'sum' ? fromUnits(total, scale) : fromUnits((total * 10n ** 40n) / BigInt(values.length), scale + 40);
    }
    case 'min':
      return values.sort(compare)[0] ?? null;
    case 'max':
      return values.sort(compare).at(-1) ?? null;
    case 'uniques':
      return new Set(values).size;
    case 'quantiles': {
      const sorted = (values as number[]).sort((a, b) => a - b);
      return Object.fromEntries(spec.p.map((p) => [`p${p}`, sorted[Math.max(1, Math.ceil((p * sorted.length) / 100)) - 1] ?? null]));
    }
    case 'top': {
      const counts = new Map<Scalar, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      return [...counts]
        .sort(([a, n], [b, m]) => m - n || compare(a, b))
        .slice(0, spec.limit)
        .map(([value, count]) => ({ value, count }));
    }
    default: {
      const placed = events.filter((event) => fieldOf(event, spec.field) !== null).sort((a, b) => msOf(a) - msOf(b) || compare(a.id, b.id));
      const one = spec.measure === 'latest' ? placed.at(-1) : placed[0];
      return one === undefined ? null : fieldOf(one, spec.field);
    }
  }
};

// Calendars.

const MINUTES = { m: 1, h: 60, d: 1_440, w: 10_080 } as const;
const MONTHS = { mo: 1, q: 3, y: 12 } as const;
const read = (every: Step) => {
  const [, n = '', unit = ''] = /^(\d+)(\w+)$/.exec(every) ?? [];
  const minutes = unit in MINUTES ? Number(n) * MINUTES[unit as 'm'] : null;
  const isOfDays = unit === 'd' || unit === 'w' || minutes === 1_440;
  return {
    days: isOfDays ? (minutes as number) / 1_440 : null,
    months: unit in MONTHS ? Number(n) * MONTHS[unit as 'mo'] : null,
    /** Hours that divide a day. */
    hours: !isOfDays && minutes !== null && minutes > 60 && minutes % 60 === 0 && 1_440 % minutes === 0 ? minutes / 60 : null,
    minutes,
  };
};
const zoned = (ms: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
const offsetMs = (time: Temporal.ZonedDateTime): number => time.offsetNanoseconds / 1e6;
const modulo = (a: number, b: number): number => ((a % b) + b) % b;

/** A Monday for weeks, as ISO 8601 counts them; else the day that computers count from. */
const originOf = (days: number) => Temporal.PlainDate.from(days % 7 === 0 ? '1969-12-29' : '1970-01-01');

/** What two times of one window have in common: the local date that the window begins on, and the hour of it. */
const nameOf = (ms: number, every: Step, zone: string): { readonly day: string; readonly hour: number } => {
  const time = zoned(ms, zone);
  const date = time.toPlainDate();
  const { days, months, hours } = read(every);
  if (hours !== null) return { day: String(date), hour: time.hour - (time.hour % hours) };
  if (days !== null) return { day: String(date.subtract({ days: modulo(originOf(days).until(date).days, days) })), hour: 0 };
  return { day: String(date.with({ day: 1 }).subtract({ months: modulo(date.year * 12 + date.month - 1, months as number) })), hour: 0 };
};

/** The start of the window that a time falls in. */
export const windowStart = (ms: number, every: Step, zone: string): number => {
  const { days, months, hours, minutes } = read(every);
  if (days === null && months === null && hours === null) {
    // On the wall clock, and anew where that is set.
    const step = (minutes as number) * 60_000;
    const changeMs = zoned(ms + 1, zone).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
    const offset = offsetMs(zoned(ms, zone));
    return Math.max(changeMs, Math.floor((ms + offset) / step) * step - offset);
  }
  const { day, hour } = nameOf(ms, every, zone);
  const nominal = Temporal.PlainDate.from(day).toPlainDateTime({ hour });
  // The first moment with this name: where the clock shows the beginning, or where it is set past it, or back over it.
  const candidates = (['earlier', 'later'] as const).map((disambiguation) => nominal.toZonedDateTime(zone, { disambiguation }).epochMilliseconds);
  const before = zoned(Math.min(...candidates) - 86_400_000, zone);
  for (let change = before.getTimeZoneTransition('next'); change !== null && change.epochMilliseconds <= ms; change = change.getTimeZoneTransition('next'))
    candidates.push(change.epochMilliseconds);
  return Math.min(
    ...candidates.filter((at) => {
      const name = nameOf(at, every, zone);
      return name.day === day && name.hour === hour;
    }),
  );
};
