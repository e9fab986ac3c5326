import type { Json } from '../measures/measure.ts';
import { type Group, nameOfGroup, nameOfKey } from './gather.ts';
import { type Part, partAt, stepOfPart } from './parts.ts';
import { type Place, type Plan, partsOf } from './plan.ts';
import { MAX_ROWS, tooManyRows, type Window, windowsOf } from './windows.ts';

/** The parts of local time that occur in a window, such as each of its hours; one empty list if none are asked for. */
export type PartsIn = (window: Window) => readonly (readonly Json[])[];

/** @throws {Problem} 400 before anything is read, if there are too many. */
export const partsIn = ({ by, every: asked, calendar }: Pick<Plan, 'by' | 'every' | 'calendar'>, windows: readonly Window[], baseMs: number): PartsIn => {
  const parts = partsOf(by);
  if (parts.length === 0) return () => [[]];
  const every = parts.includes('@hour') ? '1h' : stepOfPart(parts[0] as Part);
  const known = new Map<Window, readonly (readonly Json[])[]>();
  let count = 0;
  for (const window of windows) {
    const times = windowsOf({ every, calendar }, { fromMs: window.fromMs, toMs: window.endMs }, baseMs).filter(
      ({ fromMs }) => asked === 'all' || calendar.floor(fromMs, asked) === window.startMs,
    );
    const tuples = new Map(times.map(({ fromMs }) => parts.map((part) => partAt(part, fromMs, calendar))).map((tuple) => [nameOfKey(tuple), tuple]));
    known.set(window, [...tuples.values()]);
    count += tuples.size;
    if (count > MAX_ROWS) throw tooManyRows();
  }
  return (window) => known.get(window) ?? [];
};

/**
 * Adds a group without events wherever a window of the range has none: for each group that is anywhere in it, and each part of
 * time that occurs in the window.
 * @param keys the groups that are wanted, if not all; the rest of a `top` comes besides.
 */
export const filled = (
  groups: readonly Group[],
  windows: readonly Window[],
  by: readonly Place[],
  parts: PartsIn,
  keys: readonly (readonly Json[])[] | null,
  take: (rows: number) => void,
): Group[] => {
  const known = new Set(groups.map(nameOfGroup));
  const isPart = by.map(({ kind }) => kind === 'part');
  const pick = (key: readonly Json[], wanted: boolean) => key.filter((_, i) => isPart[i] === wanted);
  const hasDimensions = isPart.includes(false);
  const dimensions = new Map(
    hasDimensions ? groups.filter(({ isOther }) => !isOther).map(({ key }) => [nameOfKey(pick(key, false)), pick(key, false)]) : [['[]', []]],
  );
  const withParts = (of: readonly Json[], tuple: readonly Json[]): Json[] => {
    const [d, p] = [of[Symbol.iterator](), tuple[Symbol.iterator]()];
    return isPart.map((part) => ((part ? p : d).next().value as Json | undefined) ?? null);
  };
  const hasOther = groups.some(({ isOther }) => isOther);
  const added = windows.flatMap((window): Group[] => {
    const tuples = parts(window);
    const names = new Set(tuples.map(nameOfKey));
    const wanted =
      keys === null
        ? [...dimensions.values()].flatMap((of) => tuples.map((tuple) => withParts(of, tuple)))
        : keys.filter((key) => names.has(nameOfKey(pick(key, true))));
    take(wanted.length + Number(hasOther));
    const atMs = window.startMs;
    const missing = (key: readonly Json[], isOther: boolean): Group[] =>
      known.has(nameOfGroup({ atMs, key, isOther })) ? [] : [{ atMs, key, isOther, events: 0, states: null }];
    return [
      ...wanted.flatMap((key) => missing(key, false)),
      ...(hasOther
        ? missing(
            by.map(() => null),
            true,
          )
        : []),
    ];
  });
  return [...groups, ...added];
};
