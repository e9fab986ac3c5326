import type { NamedMetric, Pipeline } from '../definition/define.ts';
import type { WindowKey } from '../definition/windows.ts';
import type { Fold } from '../fold/metric.ts';
import { ownUnit, PLACES, placedUnit, type Unit } from '../log/unit.ts';
import type { Subject } from '../operators/operator.ts';
import { cursorOf, lineReader } from './cursor.ts';
import { giveBackKernel, isFault, instance as ofThread, takeKernel } from './instance.ts';
import { type PlannedType, planOf } from './plan.ts';
import { planImage } from './plan-image.ts';

/** A metric that the kernel folds, and its functions for an event. */
export interface KernelMetric {
  readonly metric: NamedMetric;
  readonly fold: Fold;
}
/** What an event of a group needs: its metric, its key and its window. */
export interface KernelGroup<M extends KernelMetric> {
  readonly of: M;
  readonly key: string;
  readonly window: WindowKey;
}
/** The lines of one record, as columns. They are valid until `release`. */
export interface KernelLines<G> {
  /** Whether the line, by its number from 0 on, is in the columns; any other is left to the general path. */
  has(line: number): boolean;
  /** Where the line after one that it has begins. */
  next(line: number): number;
  /** What it is noted as. Ask in the lines' order, at least once each. */
  unit(line: number): Unit;
  /** Its event, valid until the next call. Fields that no metric reads are missing. */
  event(line: number): Subject;
  /** Below 0 if the first line's time is before the second's. */
  compareTimes(line: number, other: number): number;
  /** The line itself. */
  text(line: number): string;
  /** How many metrics its type has. */
  slots(line: number): number;
  /** Its group in one of those metrics; null if that does not count it. */
  group(line: number, slot: number): G | null;
  release(): void;
}
export interface Kernel<M extends KernelMetric, G> {
  /** Why the events of a type are left to the general path. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** A metric's number among those of its event type. */
  slotOf(metric: M): number;
  /** Reads the lines of a record; null if it has to go the general path: it is larger than the kernel's memory, or another one is being read. */
  read(ndjson: Uint8Array): KernelLines<G> | null;
}

/**
 * A fast way from a record's lines to the groups of metrics, for lines as most events are written. It makes no object for an
 * event, and reads a text once for all that are equal. What it does not know for certain is left to the general path, line by
 * line; where it does, folds get the same values in the same order, so the same states come of it.
 * @param groupOf makes what lines of a group are given, once for each group.
 * @param failed is told if the kernel itself fails at a record, which then goes the general path.
 * @throws if this machine cannot run it.
 */
export const openKernel = <M extends KernelMetric, G>(
  pipeline: Pick<Pipeline, 'events' | 'metrics'>,
  metrics: readonly M[],
  groupOf: (group: KernelGroup<M>) => G,
  failed: (error: Error) => void,
): Kernel<M, G> => {
  const instance = ofThread();
  const { calls, limits, bytes, types, starts, firsts, places, runs, dates, clocks } = instance;
  const plan = planOf(pipeline, limits);
  const planned = [...plan.values()].filter((one): one is PlannedType => typeof one !== 'string');
  const image = planImage(planned, instance.planAt);
  const isTooLarge = image.bytes.length > limits.plan;
  const isUsable = planned.length > 0 && !isTooLarge;
  const reader = lineReader(instance);
  const slots = planned.map((type) => ({
    cursor: cursorOf(instance, reader, type),
    metrics: type.metrics.map((of, slot) => ({
      minutes: of.minutes,
      columnsAt: image.columnsAt.get(of) as number,
      columnCount: of.columns.length,
      number: metrics.findIndex(({ metric }) => metric === of.metric),
      of: metrics.find(({ metric }) => metric === of.metric) as M,
      groups: instance.groupsOf(slot),
    })),
  }));
  /** By number; null if the metric does not count its events. */
  let groups: (G | null)[] = [];

  const forget = (): void => {
    calls.forget();
    reader.forget();
    groups = [];
  };

  /** Finds the groups of lines; what determines a new one is evaluated as for any event, the first of its lines. */
  const group = (lines: number): void => {
    for (const [type, { cursor, metrics: own }] of slots.entries())
      for (const [slot, { number, minutes, columnsAt: at, columnCount, of }] of own.entries()) {
        calls.group(lines, type + 1, number, slot, minutes, at, columnCount);
        for (let made = groups.length; made < calls.groupCount(); made++) {
          const event = cursor.to(firsts[made] as number);
          groups.push(of.fold.counts(event) ? groupOf({ of, key: of.fold.key(event), window: of.fold.window(event) }) : null);
        }
      }
  };

  let lines = 0;
  const slotsOf = (line: number) => slots[(types[line] as number) - 1] as (typeof slots)[number];
  let last = { run: -1, chunk: -1, high: 0, low: 0 };
  const columns: KernelLines<G> = {
    has: (line) => line < lines && types[line] !== 0,
    next: (line) => starts[line + 1] as number,
    unit: (line) => {
      const place = places[line] as number;
      if (place < 0) return ownUnit(reader.source(line), reader.id(line));
      const chunk = Math.floor(place / PLACES);
      const run = runs[line] as number;
      if (run !== last.run || chunk !== last.chunk) {
        const id = reader.id(line);
        last = { run, chunk, ...placedUnit(reader.source(line), id.slice(0, id.lastIndexOf(':')), chunk) };
      }
      return { high: last.high, low: last.low, offset: place % PLACES };
    },
    event: (line) => slotsOf(line).cursor.to(line),
    compareTimes: (a, b) => (dates[a] as number) - (dates[b] as number) || (clocks[a] as number) - (clocks[b] as number),
    text: (line) => bytes.toString('utf8', instance.data + (starts[line] as number), instance.data + (starts[line + 1] as number) - 1),
    slots: (line) => slotsOf(line).metrics.length,
    group: (line, slot) => groups[slotsOf(line).metrics[slot]?.groups[line] as number] ?? null,
    release: giveBackKernel,
  };

  return {
    leftOut: new Map(
      [...plan].flatMap(([type, of]): [string, string][] => {
        if (typeof of === 'string') return [[type, of]];
        return isTooLarge ? [[type, `the pipeline's names take ${image.bytes.length} bytes; the kernel has room for ${limits.plan}`]] : [];
      }),
    ),
    slotOf: ({ metric }) => {
      const { event } = metric.definition;
      return metrics.filter((one) => one.metric.definition.event === event).findIndex((one) => one.metric === metric);
    },
    read: (ndjson) => {
      if (!isUsable || ndjson.length > limits.bytes) return null;
      const taken = takeKernel(reader);
      if (taken === 'busy') return null;
      if (taken === 'changed') bytes.set(image.bytes, instance.planAt);
      if (taken === 'changed' || calls.isHalfFull() !== 0) forget();
      bytes.set(ndjson, instance.data);
      last = { run: -1, chunk: -1, high: 0, low: 0 };
      try {
        lines = calls.read(ndjson.length);
        group(lines);
        return columns;
      } catch (error) {
        // If it is a line for which a fold fails, the general path finds it.
        if (isFault(error)) failed(error);
        forget();
        giveBackKernel();
        return null;
      }
    },
  };
};
