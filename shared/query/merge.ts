import type { NamedMeasure } from '../fold/metric.ts';
import { compareScalars } from '../measures/extreme.ts';
import type { Json } from '../measures/measure.ts';
import type { Allowance } from '../request/allowance.ts';
import { Problem } from '../request/problem.ts';
import type { Query } from './query.ts';

const MAX_ROWS = 100_000;
const tooManyRows = (): Problem =>
  new Problem(400, 'too-many-rows', 'The answer is too long', `Expected at most ${MAX_ROWS} rows, got more. Ask for fewer windows or groups, or give a limit.`);

/** One row of an answer: its window, its dimensions and measures by name. */
export interface Row {
  readonly [name: string]: Json;
}
/** Notes on an answer's measures besides their values. */
export interface Caveats {
  /** Measures with some number that is not the exact value. */
  readonly inexact: readonly string[];
  /** By how much a count of a `top` may be too low. */
  readonly undercounts?: Readonly<Record<string, number>>;
  /** How many values were out of range, and are in no answer. */
  readonly outOfRange?: Readonly<Record<string, number>>;
}

type Side = 'batch' | 'speed';
interface Merged {
  readonly windowMs: number;
  readonly dimensions: readonly Json[];
  readonly states: unknown[];
}

/** Merges the parts of both layers with the measures' own merge, and gives the rows of an answer. */
export const merging = (query: Query, measures: readonly NamedMeasure[], { take, check }: Allowance) => {
  const checkNow = everyNth(STEPS_A_CHECK, check);
  const groups = new Map<string, Merged>();
  const windows: Record<Side, Set<number>> = { batch: new Set(), speed: new Set() };
  const overflowing = { events: 0, incomplete: new Set<string>() };
  const windowOf = (startMs: number) => (query.every === 'all' ? query.fromMs : query.calendar.floor(startMs, query.every));
  const filters = [...query.filter];
  const isTotal = query.by.length === 0 && filters.length === 0;

  const into = (side: Side, startMs: number, dimensions: readonly Json[], states: readonly Json[]): void => {
    const windowMs = windowOf(startMs);
    windows[side].add(windowMs);
    const name = `${windowMs} ${JSON.stringify(dimensions)}`;
    const decoded = states.map((state, i) => (measures[i] as NamedMeasure).measure.decode(state));
    const group = groups.get(name);
    if (group === undefined) {
      if (query.limit === null && groups.size >= MAX_ROWS) throw tooManyRows();
      take('groups', 1);
      groups.set(name, { windowMs, dimensions, states: decoded });
    } else for (const [i, state] of decoded.entries()) group.states[i] = (measures[i] as NamedMeasure).measure.merge(group.states[i], state);
  };

  return {
    add: (side: Side, startMs: number, key: readonly Json[], _events: number, states: readonly Json[]): void => {
      if (filters.some(([i, wanted]) => !wanted.has(key[i] as string))) return;
      into(
        side,
        startMs,
        query.by.map((i) => key[i] ?? null),
        states,
      );
    },
    /** The overflow group of a full cell: part of totals, and of nothing else. */
    addOverflow: (startMs: number, events: number, states: readonly Json[], shed: readonly string[]): void => {
      overflowing.events += events;
      for (const name of shed) overflowing.incomplete.add(name);
      if (isTotal) into('speed', startMs, [], states);
    },
    rows: (dimensionNames: readonly string[]): Row[] => {
      const names = query.by.map((i) => dimensionNames[i] as string);
      const rows = [...groups.values()].map(({ windowMs, dimensions, states }): { readonly row: Row; readonly states: readonly unknown[] } => {
        checkNow();
        const row: Row = {
          window: new Date(windowMs).toISOString(),
          ...Object.fromEntries(names.map((name, i) => [name, dimensions[i] ?? null])),
          ...Object.fromEntries(measures.map(({ name, measure }, i) => [name, measure.present(states[i])])),
        };
        return { row, states };
      });
      const order = [...query.order, { name: 'window', descending: false }, ...names.map((name) => ({ name, descending: false }))];
      const sorted = rows.sort(({ row: a }, { row: b }) => {
        checkNow();
        for (const { name, descending } of order) {
          const difference = compare(a[name] ?? null, b[name] ?? null, descending);
          if (difference !== 0) return difference;
        }
        return 0;
      });
      return sorted.map(({ row, states }) => (query.numbers === 'text' ? inText(row, measures, states) : row));
    },
    windows: () => ({ batch: windows.batch.size, speed: windows.speed.size }),
    overflow: () => (overflowing.events === 0 ? {} : { overflow: { events: overflowing.events, incomplete: [...overflowing.incomplete] } }),
    /** The notes on the measures of an answer, by name; a part is missing if it has none. */
    caveats: (): Caveats => {
      const undercounts: Record<string, number> = {};
      const outOfRange: Record<string, number> = {};
      const inexact = new Set<string>();
      for (const { states } of groups.values()) {
        for (const [i, { name, measure }] of measures.entries()) {
          const undercount = measure.undercount?.(states[i]) ?? 0;
          if (undercount > (undercounts[name] ?? 0)) undercounts[name] = undercount;
          const out = measure.outOfRange?.(states[i]) ?? 0;
          if (out > 0) outOfRange[name] = (outOfRange[name] ?? 0) + out;
          if (query.numbers === 'number' && measure.isInexact?.(states[i])) inexact.add(name);
        }
      }
      return {
        inexact: [...inexact],
        ...(Object.keys(undercounts).length === 0 ? {} : { undercounts }),
        ...(Object.keys(outOfRange).length === 0 ? {} : { outOfRange }),
      };
    },
  };
};

const STEPS_A_CHECK = 4_096;
const everyNth = (n: number, work: () => void): (() => void) => {
  let steps = 0;
  return () => {
    if (++steps % n === 0) work();
  };
};

/** A row with its measures' numbers as text, exact even if a number could not be. */
const inText = (row: Row, measures: readonly NamedMeasure[], states: readonly unknown[]): Row => ({
  ...row,
  ...Object.fromEntries(measures.map(({ name, measure }, i) => [name, measure.exact?.(states[i]) ?? textOf(row[name] ?? null)])),
});
const textOf = (value: Json): Json => {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(textOf);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, textOf(inner)])) : value;
};

/** Null comes last in both directions. */
const compare = (a: Json, b: Json, descending: boolean): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = compareScalars(a as string, b as string);
  return descending ? -order : order;
};
