import type { MeasureDefinition, MetricDefinition } from '../definition/definition.ts';
import { type WindowKey, windowKey } from '../definition/windows.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Measure } from '../measures/measure.ts';
import { measureKind } from '../measures/registry.ts';
import { specOf } from '../measures/spec.ts';
import type { Evaluate, Subject } from '../operators/operator.ts';
import { compileExpression, compileItems } from './evaluate.ts';

export interface NamedMeasure {
  readonly name: string;
  readonly measure: Measure;
  /** Null for a measure that takes no value. */
  readonly value: Evaluate | null;
  /** Null for one that does not rank its values by another. */
  readonly by: Evaluate | null;
}

/** A group of events, or of items: how many, and a state per measure. */
export interface Group {
  events: number;
  states: unknown[];
}

/** The first compiler: a metric's definition as functions that fold events. */
export interface Fold {
  readonly measures: readonly NamedMeasure[];
  /** The items that it counts, each with its event; null if it counts events. */
  readonly items: ((event: StoredEvent) => readonly Subject[]) | null;
  /** Whether the metric counts the event, or the item. */
  readonly counts: (event: Subject) => boolean;
  /** By event time, so that a late event counts in its own window. */
  readonly window: (event: StoredEvent) => WindowKey;
  /** The group's dimension values as a JSON array. */
  readonly key: (event: Subject) => string;
  readonly zero: () => Group;
  /** Adds an event to a group, in place. */
  readonly add: (group: Group, event: Subject) => void;
  /** Adds the second group to the first, in place; the second must not be used again. */
  readonly merge: (group: Group, other: Group) => void;
}

export const compileMeasures = (definitions: readonly MeasureDefinition[], overflowed?: () => void): NamedMeasure[] =>
  definitions.map((definition) => ({
    name: definition.name,
    measure: measureKind(definition.measure).build(specOf(definition)),
    value: definition.of === null ? null : compileExpression(definition.of, overflowed),
    by: definition.by === undefined ? null : compileExpression(definition.by.of, overflowed),
  }));

/** Adds an event to the state of each measure, in place. */
export const addTo = (measures: readonly NamedMeasure[], states: unknown[], event: Subject): void => {
  for (let i = 0; i < measures.length; i++) {
    const { measure, value, by } = measures[i] as NamedMeasure;
    const given = value === null ? null : value(event);
    if (value === null || given !== null) states[i] = measure.add(states[i], given, event, by === null ? null : by(event));
  }
};

/** `overflowed` is called for each result of an expression that does not fit its kind, and counts as missing. */
export const compileFold = (definition: MetricDefinition, overflowed?: () => void): Fold => {
  const measures = compileMeasures(definition.measures, overflowed);
  const dimensions = definition.dimensions.map(({ of }) => compileExpression(of, overflowed));
  const where = definition.where === null ? null : compileExpression(definition.where, overflowed);
  return {
    measures,
    items: definition.each === undefined ? null : compileItems(definition.each),
    counts: (event) => event.type === definition.event && (where === null || where(event) === true),
    window: (event) => windowKey(event.time, definition.window),
    key: (event) => JSON.stringify(dimensions.map((dimension) => dimension(event))),
    zero: () => ({ events: 0, states: measures.map(({ measure }) => measure.zero()) }),
    add: (group, event) => {
      group.events++;
      addTo(measures, group.states, event);
    },
    merge: (group, other) => {
      group.events += other.events;
      for (let i = 0; i < measures.length; i++) group.states[i] = (measures[i] as NamedMeasure).measure.merge(group.states[i], other.states[i]);
    },
  };
};
