import { isMeasure, type MeasureUse, type ValueOfExpression } from '../measures/measure.ts';
import type { BaseWindow } from './definition.ts';
import type { EACH, Each } from './each.ts';
import type { EVENT, Event, EventInfo, SomeEvent } from './event-type.ts';
import { EXPRESSION, type Expression, type Field, isExpression, type NameOf, type NoField, type ReadsOf } from './expression.ts';
import type { Formula } from './formula.ts';
import type { Countable, ItemOf, Kind, KindOf, ShapeOf } from './kinds.ts';

// What the compiler checks in a metric or an entity; define.ts checks it again at load, since bundlers drop types.

/** The schema of a field by its name, `items[]` being that of an array's items; never if there is no such field. */
type SchemaAt<S, Name> = Name extends keyof ShapeOf<S>
  ? ShapeOf<S>[Name]
  : Name extends `${infer Array}[]`
    ? Array extends keyof ShapeOf<S>
      ? ItemOf<ShapeOf<S>[Array]>
      : never
    : never;
/** The kind of an event's field by its path; never if there is no such field. */
type KindAt<S, Path> = [SchemaAt<S, Path>] extends [never]
  ? Path extends `${infer Head}.${infer Rest}`
    ? [SchemaAt<S, Head>] extends [never]
      ? never
      : KindAt<SchemaAt<S, Head>, Rest>
    : never
  : KindOf<SchemaAt<S, Path>>;
/** Of the fields that are read, those that the event does not have. If two events both have such a field, the load finds the mistake. */
type Foreign<S, Reads> = Reads extends `${infer K} ${infer Path}`
  ? [KindAt<S, Path>] extends [never]
    ? Path
    : KindAt<S, Path> extends K
      ? never
      : Path
  : never;
/** Of the fields that are read, those of items, but for the items of the array A: by the names of their arrays. */
type Items<A, Reads> = Reads extends `${string} ${infer Path}` ? (Path extends `${infer Array}[]${string}` ? Exclude<Array, A> : never) : never;
/**
 * T if all fields that are read are the event's own, and those of items belong to the array A, else the error text. What the
 * compiler has refused already is any here, and fits ''.
 */
type Own<S, A, Words extends string, Reads, T> = [Foreign<S, Reads>] extends ['']
  ? [Items<A, Reads>] extends ['']
    ? T
    : `${Words} reads the items of '${Items<A, Reads>}': write metric(each(…${Items<A, Reads>}), …)${[A] extends [never] ? '' : ', for one array in a metric'}`
  : `${Words} reads '${Foreign<S, Reads>}', a field of another event`;

type CheckedMeasure<S, A, N extends string, M> =
  M extends MeasureUse<infer Name, unknown, infer Reads>
    ? Own<S, A, `measure '${N}': ${Name}`, Reads, M>
    : M extends (...args: never) => MeasureUse<infer Name>
      ? `measure '${N}': write ${Name extends 'count' ? 'count()' : `${Name}(edit.page), with its field`}`
      : M extends Field<infer P, Kind>
        ? `measure '${N}' takes a measure; '${P}' is a field: write sum(…), uniques(…) or another measure of it`
        : `measure '${N}' takes a measure such as count()`;
type CheckedDimension<S, A, N extends string, D> =
  D extends Expression<infer K, unknown, infer Reads>
    ? [K] extends [Countable]
      ? Own<S, A, `dimension '${N}'`, Reads, D>
      : `dimension '${N}' takes text, an integer or a boolean; ${NameOf<D>} is ${K}`
    : NoField<`dimension '${N}' takes a field`, D>;
type Measures<S, A, M> = { readonly [K in keyof M]: CheckedMeasure<S, A, K & string, M[K]> };
type Dimensions<S, A, D> = { readonly [K in keyof D]: CheckedDimension<S, A, K & string, D[K]> };
type Key<S, K> = K extends Expression ? Own<S, never, 'key', ReadsOf<K>, K> : NoField<'key takes a field', K>;
type Where<S, A, Words extends string, W> =
  W extends Expression<infer K>
    ? [K] extends ['boolean']
      ? Own<S, A, Words, ReadsOf<W>, W>
      : `${Words} takes a condition; ${NameOf<W>} is ${K}`
    : `${Words} takes a condition such as eq(edit.page, 'x'), not JavaScript's === < > ! && ||`;
type TextFields<F> = {
  [K in keyof F]: F[K] extends MeasureUse<'latest' | 'first' | 'min' | 'max', infer Answer> ? (string extends NonNullable<Answer> ? K : never) : never;
}[keyof F] &
  string;

/** What the answers of a metric or an entity hold; only for the compiler. */
export interface Answers<D, M> {
  readonly dimensions: D;
  readonly measures: M;
}
// Conditional, so that editors show the resulting type.
type Flat<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never;
type Groups<D> = D extends unknown ? { readonly [K in keyof D]: ValueOfExpression<D[K]> | null } : never;
/** The names that a formula may read: measures that answer a number, percentiles, and other formulas. */
type Readable<M, Q> =
  | { [K in keyof M & string]: M[K] extends MeasureUse<string, infer Answer> ? NumbersIn<K, Answer> : never }[keyof M & string]
  | (keyof Q & string);
type NumbersIn<K extends string, Answer> = [Answer] extends [number | null]
  ? K
  : Answer extends readonly unknown[] | string | boolean | null
    ? never
    : `${K}.${keyof Answer & string}`;
type CheckedFormula<M, Q, N extends string, F> =
  F extends Formula<infer Reads>
    ? [Exclude<Reads, Readable<M, Q>>] extends [never]
      ? F
      : `formula '${N}' reads '${Exclude<Reads, Readable<M, Q>> & string}', which is no measure with a number and no formula`
    : `formula '${N}' takes a formula such as ratio('errors', 'requests')`;
type Formulas<M, Q> = { readonly [K in keyof Q]: CheckedFormula<M, Q, K & string, Q[K]> };
type Results<Q> = { readonly [K in keyof Q]: number | null };
type Figures<M> = M extends unknown ? { readonly [K in keyof M]: M[K] extends MeasureUse<string, infer Answer> ? Answer : never } : never;

export interface Metric<D = unknown, M = unknown> {
  readonly on: SomeEvent | Each;
  readonly window: BaseWindow;
  readonly buckets: number;
  readonly dimensions: Readonly<Record<string, Expression>>;
  readonly measures: Readonly<Record<string, MeasureUse>>;
  readonly where?: Expression;
  readonly formulas?: Readonly<Record<string, Formula>>;
  readonly answers?: Answers<D, M>;
}
export interface Entity {
  readonly on: SomeEvent;
  readonly key: Expression;
  readonly fields: Readonly<Record<string, MeasureUse>>;
  readonly search: readonly string[];
  readonly tombstone?: Expression;
}

interface Parts {
  readonly on: unknown;
  readonly dimensions?: object;
  readonly measures?: object;
  readonly fields?: object;
  readonly where?: unknown;
  readonly key?: unknown;
  readonly tombstone?: unknown;
}
/** The compiler has checked the parts; define.ts checks each again. From here on they no longer count as unused. */
const declared = <T>(parts: Parts): T => {
  const { dimensions = {}, measures = {}, fields = {}, where, key, tombstone } = parts;
  for (const part of [where, key, tombstone, ...Object.values({ ...dimensions }), ...Object.values({ ...measures }), ...Object.values({ ...fields })]) {
    if (isExpression(part)) part[EXPRESSION].event?.unused.delete(part);
    else if (isMeasure(part)) part.of?.event?.unused.delete(part);
  }
  return parts as T;
};

/** An event, or the items of one of its arrays: the one that is named A. */
interface Counted<S, A extends string> {
  readonly [EVENT]: EventInfo<S> | undefined;
  readonly [EACH]?: { readonly named?: A };
}

/**
 * What to count: an event's measures by window and dimensions; `each(order.items)` counts an array's items.
 * @example
 * metric(edit, {
 *   window: '1m',
 *   dimensions: { channel: edit.channel },
 *   measures: { edits: count(), added: sum(edit.added) },
 *   where: not(edit.isRobot),
 * })
 */
export const metric = <
  const S,
  const M extends object,
  const D extends object = Record<never, never>,
  const W = never,
  const Q extends object = Record<never, never>,
  const A extends string = never,
>(
  on: Counted<S, A>,
  definition: {
    /** Base window, by default 1m; the batch layer also writes 1h and 1d. */
    readonly window?: '1m' | '5m' | '15m' | '1h';
    /** Spreads a window's groups over this many stored cells, 1 (the default) to 64. Raise it for more than some thousand groups a window. */
    readonly buckets?: number;
    readonly dimensions?: Dimensions<S, A, D>;
    readonly measures: Measures<S, A, M>;
    /** Keeps only the events, or items, for which it is true. */
    readonly where?: Where<S, A, 'where', W>;
    /** Computed from merged measures when they are queried, and never stored: adding one recomputes nothing. */
    readonly formulas?: Formulas<NoInfer<M>, Q>;
  },
): Metric<Groups<D>, Flat<Figures<M> & Results<Q>>> => declared({ window: '1m', buckets: 1, dimensions: {}, ...definition, on });

/**
 * What to keep about each thing that events are about: measures by key.
 * @example
 * entity(edit, {
 *   key: edit.page,
 *   fields: { title: latest(edit.page), edits: count() },
 *   search: ['title'],
 * })
 */
export const entity = <const S, const F extends object, const K, const T = never>(
  on: Event<S>,
  definition: {
    readonly key: Key<S, K>;
    readonly fields: Measures<S, never, F>;
    /** Text fields for free-text search. */
    readonly search?: readonly TextFields<NoInfer<F>>[];
    /** Events for which it is true delete the entity; a later event brings it back. */
    readonly tombstone?: Where<S, never, 'tombstone', T>;
  },
): Entity => declared({ search: [], ...definition, on });
