import type { MetricDefinition } from '../../shared/definition/definition.ts';
import { batchSizes, windowKey } from '../../shared/definition/windows.ts';
import { compileFold, type Fold, type Group } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Subject } from '../../shared/operators/operator.ts';
import { stateColumn } from '../../shared/sql/view-columns.ts';

/** Folds events into every window size at once: `size window key` → the canonical JSON of events and states. */
export const foldAll = (definition: MetricDefinition, events: readonly StoredEvent[]): Map<string, string> => {
  const fold = compileFold(definition);
  const groups = new Map<string, Group>();
  for (const event of events.flatMap((one) => countedBy(fold, one))) {
    for (const size of batchSizes(definition.window)) {
      const name = `${size} ${windowKey(event.time, size)} ${fold.key(event)}`;
      let group = groups.get(name);
      if (group === undefined) groups.set(name, (group = fold.zero()));
      fold.add(group, event);
    }
  }
  return new Map(
    [...groups].map(([name, { events: n, states }]) => [name, JSON.stringify([n, ...fold.measures.map(({ measure }, i) => measure.encode(states[i]))])]),
  );
};

/** What a metric counts of an event: itself, or items of it. */
export const countedBy = ({ items, counts }: Fold, event: StoredEvent): Subject[] => (items === null ? [event] : items(event)).filter(counts);

/** The first of each source, id and day, in order of the list: what both layers count. */
export const withoutDuplicates = (events: readonly StoredEvent[]): StoredEvent[] => {
  const seen = new Set<string>();
  return events.filter(({ source, id, time }) => {
    const name = JSON.stringify([source, id, time.slice(0, 10)]);
    return !seen.has(name) && seen.add(name);
  });
};

/** Rows of statesSql in the form of foldAll. */
export const canonicalRows = (definition: MetricDefinition, rows: readonly Readonly<Record<string, unknown>>[]): Map<string, string> => {
  const { measures } = compileFold(definition);
  const states = (row: Readonly<Record<string, unknown>>) =>
    measures.map(({ name, measure }) => measure.encode(measure.decode(jsonOf(row[stateColumn(name)]))));
  const jsonOf = (state: unknown) => (state === null ? null : JSON.parse(String(state)));
  return new Map(
    rows.map((row) => [
      `${row.window_size} ${row.window_start} ${JSON.stringify(JSON.parse(String(row.group_key)))}`,
      JSON.stringify([row.group_events, ...states(row)]),
    ]),
  );
};

/** The names at which two maps differ, with both values: small enough to read in a failure. */
export const differences = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).map((name) => `${name}\n  ${a.get(name)}\n  ${b.get(name)}`);
