import { type Clock, comparedWith, earlierBy, joined, PARTS, partOf, type Window, windowFrom, windowStart, windowsIn } from './oracle-calendar.ts';
import { compare, dimension, exactly, holds, linesOf, measured, msOf, withRow } from './oracle-events.ts';
import { formulaValue } from './oracle-formulas.ts';
import type { Answer, DimensionSpec, FilterSpec, MeasureSpec, MetricSpec, Part, Question, Row, Scalar, Step, Table, Thing } from './spec.ts';

export interface Given {
  readonly posted: readonly Thing[];
  /** The versions of the table that hold, in the order in which they came. */
  readonly tables: readonly Table[];
}

/**
 * What the answer to a question is, said as plainly as it can be: lists of events, Temporal for calendars, fractions of BigInt for
 * formulas, sets and sorted lists for the rest. It shares no code with the product.
 */
export const expected = (metric: MetricSpec, { posted, tables }: Given, question: Question, speedThroughMs: number | null): Omit<Answer, 'speedThroughMs'> => {
  const { fromMs, toMs, by, every, limit, offset, order } = question;
  const clock = { zone: question.tz, week: question.week };
  const baseMs = BASE_MS[metric.window];
  const events = [...new Map(posted.map((event) => [event.id, event])).values()]
    .flatMap((event) => (metric.isEach ? linesOf(event) : [event]))
    .map((event) => withRow(event, tables))
    .filter(
      (event) =>
        (metric.where === null || holds(metric.where, event) === true) &&
        question.filters.every((filter) => passes(filter, dimension(metric.dimensions[filter.dimension] as DimensionSpec, event))),
    );
  const within = (from: number, to: number) => events.filter((event) => msOf(event) >= from && msOf(event) < to);
  const keyOf = (event: Thing): readonly (Scalar | null)[] =>
    by.map((name) =>
      isPart(name) ? partOf(name, Math.floor(msOf(event) / baseMs) * baseMs, question.tz) : dimension(metric.dimensions[name] as DimensionSpec, event),
    );

  /** The groups of a window of some range: those of its events, or of all that it reaches back to. */
  const groupsOf = (window: Window): Group[] => {
    const reachMs = question.over === 'all' || question.over === null ? Number.NEGATIVE_INFINITY : earlierBy(window.toMs, question.over as Step, question.tz);
    const own = question.over === null ? window.pieces.flatMap((piece) => within(piece.fromMs, piece.toMs)) : within(reachMs, window.toMs);
    return grouped(own, keyOf).map(([key, own]) => ({ startMs: window.startMs, key, isOther: false, events: own }));
  };
  const table = (from: number, to: number): { readonly windows: readonly Window[]; readonly groups: readonly Group[] } => {
    const needsAll = question.fill !== null || question.compare !== null || question.over !== null;
    const windows = needsAll || every === 'all' ? windowsIn(from, to, every, clock, baseMs) : windowsOfEvents(within(from, to), from, to, every, clock, baseMs);
    return { windows, groups: windows.flatMap(groupsOf) };
  };

  const values = (own: readonly Thing[] | null): Row => valuesOf(metric, question, own);
  const compareBy = comparing(question, values);
  const ranked = grouped(within(fromMs, toMs), keyOf)
    .map(([key, own]): Group => ({ startMs: fromMs, key, isOther: false, events: own }))
    .sort(compareBy(order));
  const first = question.top === null ? null : ranked.slice(0, question.top.groups).map(({ key }) => JSON.stringify(key));
  const cut = (groups: readonly Group[]): Group[] => {
    if (first === null) return [...groups];
    const rest = groups.filter(({ key }) => !first.includes(JSON.stringify(key)));
    const merged = grouped(rest, ({ startMs }) => [startMs]).map(([, own]): Group => {
      const { startMs } = own[0] as Group;
      return { startMs, key: by.map(() => null), isOther: true, events: own.flatMap((group) => group.events ?? []) };
    });
    return [...groups.filter((group) => !rest.includes(group)), ...(question.top?.other ? merged : [])];
  };

  const own = table(fromMs, toMs);
  let groups = cut(own.groups);
  if (question.fill !== null) groups = filledUp(groups, own.windows, question, first, clock, baseMs);
  else if (every === 'all' && by.length === 0 && groups.length === 0) groups = [{ startMs: fromMs, key: [], isOther: false, events: null }];
  const chosen = groups
    .filter((group) =>
      question.having.every(({ name, is, bound }) => isWithin(valuesOf(metric, { ...question, measures: [name] }, group.events)[name], is, bound)),
    )
    .sort(compareBy(order))
    .slice(offset, limit === null ? undefined : offset + limit);

  const other = question.compare === null ? null : table(comparedWith(question).fromMs, comparedWith(question).toMs);
  const before = other === null ? [] : cut(other.groups);
  const previous = (group: Group): Row | null => {
    const place = own.windows.findIndex(({ startMs }) => startMs === group.startMs);
    const there = other?.windows[place];
    if (there === undefined) return null;
    const same = before.find((one) => one.startMs === there.startMs && one.isOther === group.isOther && JSON.stringify(one.key) === JSON.stringify(group.key));
    return values(same?.events ?? null);
  };
  const isOver = ({ startMs }: Group): boolean =>
    every === 'all' || speedThroughMs === null || windowFrom(Math.max(startMs, fromMs), toMs, every, clock, baseMs).toMs <= speedThroughMs;
  const rows = chosen.map(
    (group): Row => ({
      window: new Date(group.startMs).toISOString(),
      ...Object.fromEntries(by.map((name, i) => [name, group.key[i]])),
      ...values(group.events),
      ...(other === null ? {} : { previous: previous(group) }),
      ...(group.isOther ? { other: true } : {}),
      ...(speedThroughMs !== null && toMs > speedThroughMs && !isOver(group) ? { complete: false } : {}),
    }),
  );
  return { rows, totals: question.totals ? values(within(fromMs, toMs).length === 0 ? null : within(fromMs, toMs)) : null };
};

const BASE_MS = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const;
const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);

interface Group {
  readonly startMs: number;
  readonly key: readonly (Scalar | null)[];
  readonly isOther: boolean;
  /** Null if none came, and a row is wanted. */
  readonly events: readonly Thing[] | null;
}
const grouped = <T, K extends readonly unknown[]>(list: readonly T[], keyOf: (one: T) => K): (readonly [K, T[]])[] => {
  const groups = new Map<string, readonly [K, T[]]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(JSON.stringify(key)) ?? ([key, []] as const);
    groups.set(JSON.stringify(key), group);
    group[1].push(one);
  }
  return [...groups.values()];
};

const windowsOfEvents = (events: readonly Thing[], fromMs: number, toMs: number, every: Step, clock: Clock, baseMs: number): Window[] => {
  const windows: Window[] = [];
  for (const ms of events.map(msOf).sort((a, b) => a - b)) {
    if (windows.some((window) => ms >= window.fromMs && ms < window.toMs)) continue;
    let window = windowFrom(Math.max(windowStart(ms, every, clock), fromMs), toMs, every, clock, baseMs);
    while (window.toMs <= ms) window = windowFrom(window.toMs, toMs, every, clock, baseMs);
    windows.push(window);
  }
  return joined(windows);
};

/** What rows answer of some events; of none, if they are null. */
const valuesOf = ({ measures, formulas }: MetricSpec, { measures: asked, fill }: Question, events: readonly Thing[] | null): Row => {
  const isEmptySum = (spec: MeasureSpec) => events === null && fill === 'zero' && spec.measure === 'sum';
  const value = (spec: MeasureSpec): unknown => {
    if (events === null && fill === 'null') return null;
    return isEmptySum(spec) ? 0 : measured(spec, events ?? []);
  };
  const exact = (name: string) => {
    const spec = measures[name] as MeasureSpec;
    return events === null ? (value(spec) as number | null) : exactly(spec, events);
  };
  return Object.fromEntries(
    asked.map((name) => {
      const formula = formulas[name];
      return [name, formula === undefined ? value(measures[name] as MeasureSpec) : formulaValue(formula, exact)];
    }),
  );
};

/** Nulls come last, whichever way the rest goes; the rest of a top comes after its like. */
const comparing =
  ({ by }: Question, values: (events: readonly Thing[] | null) => Row) =>
  (order: string | null) =>
  (a: Group, b: Group): number => {
    const valueIn = (group: Group, name: string) =>
      (name === 'window' ? group.startMs : by.includes(name) ? group.key[by.indexOf(name)] : values(group.events)[name]) as Scalar | null;
    for (const text of [...(order === null ? [] : [order]), 'window', ...by]) {
      const name = text.replace(/^-/, '');
      const [x, y] = [valueIn(a, name), valueIn(b, name)];
      const difference = x === null || y === null ? Number(x === null) - Number(y === null) : text.startsWith('-') ? -compare(x, y) : compare(x, y);
      if (difference !== 0) return difference;
    }
    return Number(a.isOther) - Number(b.isOther);
  };

/** With a group in each window for each that is anywhere, and for each part of time that is in the window. */
const filledUp = (
  groups: readonly Group[],
  windows: readonly Window[],
  { by, tz }: Question,
  first: readonly string[] | null,
  clock: Clock,
  baseMs: number,
): Group[] => {
  const parts = by.filter(isPart);
  const partsOf = (key: Group['key']) => JSON.stringify(key.filter((_, i) => isPart(by[i] as string)));
  const dimensionsOf = (key: Group['key']) => key.filter((_, i) => !isPart(by[i] as string));
  const seen =
    parts.length === by.length
      ? [[]]
      : grouped(
          groups.filter(({ isOther }) => !isOther),
          ({ key }) => dimensionsOf(key),
        ).map(([key]) => key);
  const all = [...groups];
  const addTo = (startMs: number, key: Group['key'], isOther: boolean) => {
    if (!all.some((group) => group.startMs === startMs && group.isOther === isOther && JSON.stringify(group.key) === JSON.stringify(key)))
      all.push({ startMs, key, isOther, events: null });
  };
  const hasOther = groups.some(({ isOther }) => isOther);
  for (const { startMs, pieces } of windows) {
    const hours = pieces.flatMap(({ fromMs, toMs }) => windowsIn(fromMs, toMs, parts.includes('@hour') ? '1h' : '1d', clock, baseMs));
    const tuples = parts.length === 0 ? [[]] : grouped(hours, (hour) => parts.map((part) => partOf(part, hour.fromMs, tz))).map(([tuple]) => tuple);
    const names = tuples.map((tuple) => JSON.stringify(tuple));
    const keys =
      first === null
        ? seen.flatMap((of) =>
            tuples.map((tuple) => {
              const [d, p] = [[...of], [...tuple]];
              return by.map((name) => (isPart(name) ? p.shift() : d.shift()) ?? null);
            }),
          )
        : first.map((text) => JSON.parse(text) as Group['key']).filter((key) => names.includes(partsOf(key)));
    for (const key of keys) addTo(startMs, key, false);
    if (hasOther)
      addTo(
        startMs,
        by.map(() => null),
        true,
      );
  }
  return all;
};

const passes = ({ is, values }: FilterSpec, value: Scalar | null): boolean => {
  switch (is) {
    case 'null':
      return value === null;
    case 'value':
      return value !== null;
    case 'in':
      return value !== null && values.includes(value);
    case 'not':
      return value === null || !values.includes(value);
    case 'prefix':
      return value !== null && values.some((part) => String(value).slice(0, String(part).length) === part);
    case 'contains':
      return value !== null && values.some((part) => String(value).includes(String(part)));
    case 'gte':
      return value !== null && value >= (values[0] as Scalar);
    case 'lt':
      return value !== null && value < (values[0] as Scalar);
  }
};
const isWithin = (value: unknown, is: Question['having'][number]['is'], bound: number): boolean => {
  if (typeof value !== 'number') return false;
  return { gte: value >= bound, gt: value > bound, lte: value <= bound, lt: value < bound }[is];
};
