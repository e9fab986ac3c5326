import type { BaseWindow } from './definition.ts';
import type { Event, SomeEvent } from './events.ts';
import type { EventOf, Expression, Field } from './expressions.ts';
import type { Countable, Kind } from './kinds.ts';
import type { MeasureUse } from './measures/measure.ts';

// What the compiler checks of a metric and an entity; define.ts checks it again at load, since bundlers drop types.

type PathOf<A> = A extends Field<infer P, Kind> ? (string extends P ? 'this expression' : `'${P}'`) : 'this expression';
type Foreign<S, E> = [E] extends [S] ? false : true;
type CheckedMeasure<S, N extends string, M> =
  M extends MeasureUse<infer Name, Kind | 'list', infer E> ? (Foreign<S, E> extends true ? `measure '${N}': ${Name} reads a field of another event` : M) : M;
type CheckedDimension<S, N extends string, D> =
  D extends Expression<infer K>
    ? [K] extends [Countable]
      ? Foreign<S, EventOf<D>> extends true
        ? `dimension '${N}' reads a field of another event`
        : D
      : `dimension '${N}' takes text, an integer or a boolean; ${PathOf<D>} is ${K}`
    : D;
type Measures<S, M> = { readonly [K in keyof M]: CheckedMeasure<S, K & string, M[K]> };
type Dimensions<S, D> = { readonly [K in keyof D]: CheckedDimension<S, K & string, D[K]> };
type Own<S, A, Words extends string> = Foreign<S, EventOf<A>> extends true ? `${Words} reads a field of another event` : unknown;
type Condition<S, A, Words extends string> =
  A extends Expression<infer K> ? ([K] extends ['boolean'] ? Own<S, A, Words> : `${Words} takes a condition; ${PathOf<A>} is ${K}`) : unknown;
type TextFields<F> = {
  [K in keyof F]: F[K] extends MeasureUse<'latest' | 'first' | 'min' | 'max', infer A> ? ('text' extends A ? K : never) : never;
}[keyof F] &
  string;

export interface Metric {
  readonly on: SomeEvent;
  readonly window: BaseWindow;
  readonly buckets: number;
  readonly dimensions: Readonly<Record<string, Expression>>;
  readonly measures: Readonly<Record<string, MeasureUse>>;
  readonly where?: Expression;
}
export interface Entity {
  readonly on: SomeEvent;
  readonly key: Expression;
  readonly fields: Readonly<Record<string, MeasureUse>>;
  readonly search: readonly string[];
  readonly tombstone?: Expression;
}

/** What to count: an event's measures by window and dimensions. */
export const metric = <
  const S,
  const M extends Record<string, MeasureUse>,
  const D extends Record<string, Expression> = Record<never, never>,
  const W extends Expression = Expression<'boolean', boolean, never>,
>(
  on: Event<S>,
  definition: {
    /** Base window, by default 1m; the batch layer also writes 1h and 1d. */
    readonly window?: BaseWindow;
    /** Spreads a window's groups over this many stored cells, 1 (the default) to 64: for more than some thousand groups a window. */
    readonly buckets?: number;
    readonly dimensions?: Dimensions<S, D>;
    readonly measures: Measures<S, M>;
    /** Keeps the events for which it is true. */
    readonly where?: W & Condition<S, W, 'where'>;
  },
): Metric => ({ window: '1m', buckets: 1, dimensions: {}, ...definition, on }) as never;

/** What to keep about each thing that events speak of: measures by key. */
export const entity = <
  const S,
  const F extends Record<string, MeasureUse>,
  const K extends Expression,
  const T extends Expression = Expression<'boolean', boolean, never>,
>(
  on: Event<S>,
  definition: {
    readonly key: K & Own<S, K, 'key'>;
    readonly fields: Measures<S, F>;
    /** Text fields for free-text search. */
    readonly search?: readonly TextFields<NoInfer<F>>[];
    /** Events for which it is true say that the thing is gone; a later event brings it back. */
    readonly tombstone?: T & Condition<S, T, 'tombstone'>;
  },
): Entity => ({ search: [], ...definition, on }) as never;
