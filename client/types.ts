import type { z } from 'zod';
import type { Metric } from '../shared/definition/declare.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Event } from '../shared/definition/event-type.ts';
import type { LiveMessage } from './live-message.ts';

// What a pipeline's type says about its events and answers. Only types, so that none of a pipeline's code gets into a bundle.

type Declared<P> = P extends Pipeline<infer E, infer M> ? { readonly events: E; readonly metrics: M } : never;
export type EventsOf<P> = Declared<P>['events'];
export type MetricsOf<P> = Declared<P>['metrics'];
// Conditional, so that editors show the resulting types rather than their names.
/** The names of events, metrics, dimensions or measures. */
export type NameIn<T> = T extends unknown ? { [K in keyof T]: K }[keyof T] & string : never;

/** What a client sends as an event: its schema's input, before defaults and transforms. */
export type InputOf<E> = E extends Event<infer S> ? (S extends z.ZodType ? z.input<S> : never) : never;

export type DimensionsOf<M> = M extends Metric<infer D, unknown> ? D : never;
export type MeasuresOf<M> = M extends Metric<unknown, infer F> ? F : never;

export type Every = `${number}${'m' | 'h' | 'd' | 'w' | 'mo' | 'q' | 'y'}` | 'all';
/** ISO 8601, a date, relative to now such as -24h, `now`, or a Date. */
export type Time = string | Date;

/** Measures by which rows can be ordered: those whose answer is one value, and percentiles. */
type Sortable<F, Asked> = {
  [K in keyof F & string]: K extends Asked ? (F[K] extends string | number | boolean | null ? K : PercentilesOf<K, F[K]>) : never;
}[keyof F & string];
type PercentilesOf<K extends string, A> = A extends readonly unknown[] ? never : `${K}.${keyof A & string}`;
/** Measures and percentiles that are numbers. */
type Numbers<F> = { [K in keyof F & string]: F[K] extends number | null ? K : F[K] extends string | boolean | null ? never : PercentilesOf<K, F[K]> }[keyof F &
  string];
/** Parts of the local time at which a stored window begins. */
export interface Parts {
  readonly '@hour': number;
  readonly '@weekday': number;
  readonly '@date': string;
  readonly '@month': number;
}
/** Allowed values of a dimension: one, any of a list, null for those without a value, or operators, all of which must hold. */
type Filter<V> =
  | OneOrMore<V>
  | null
  | {
      readonly in?: OneOrMore<V>;
      readonly not?: OneOrMore<V>;
      readonly prefix?: OneOrMore<Extract<V, string>>;
      readonly contains?: OneOrMore<Extract<V, string>>;
      readonly gte?: Extract<V, number>;
      readonly lt?: Extract<V, number>;
      readonly is?: 'null' | 'value';
    };
interface Bounds {
  readonly gte?: number;
  readonly gt?: number;
  readonly lte?: number;
  readonly lt?: number;
}
type Ordering<Names extends string> = Names | `-${Names}`;
/** A name in a list, or any if it lists none. */
type Asked<List extends readonly unknown[], All> = List extends readonly [] ? All : List[number];

export type Compare = 'previous' | 'year' | { readonly from: Time; readonly to: Time };
export interface Question<
  D,
  F,
  By extends readonly unknown[],
  Measures extends readonly unknown[],
  C = Compare | undefined,
  O = boolean | undefined,
  S = boolean | undefined,
> {
  /** By default -24h; half-open, rounded outward to the metric's window. */
  readonly from?: Time;
  /** By default now. */
  readonly to?: Time;
  /** Windows of this size, by default `all`: one row per group. */
  readonly every?: Every;
  /** The day that weeks begin on, by default monday. */
  readonly week?: 'monday' | 'sunday';
  /** Dimensions to group by, and parts of local time. */
  readonly by?: By;
  /** By default all. */
  readonly measures?: Measures;
  /** Allowed values of a dimension: one, any of a list, null for none, or operators such as `{ prefix: '/shop' }`. */
  readonly filter?: { readonly [K in keyof D]?: Filter<Exclude<D[K], null>> };
  /** Keeps rows by numbers of theirs, after merging: `{ edits: { gte: 10 } }`. */
  readonly having?: { readonly [K in Numbers<F>]?: Bounds };
  /** What to order by, before the windows' order; `-edits` for the largest first. */
  readonly order?: OneOrMore<Ordering<'window' | (By[number] & string) | Sortable<F, Asked<Measures, keyof F>>>>;
  /** At most this many rows, after ordering. */
  readonly limit?: number;
  /** Rows left out before them. */
  readonly offset?: number;
  /** The first groups of the whole range by `order`, the same in every window. */
  readonly top?: number;
  /** The rest of `top` as one row per window, with `other: true` and null dimensions. */
  readonly other?: O;
  /** Adds `totals` over all groups and windows to the answer. */
  readonly totals?: boolean;
  /** A row for each window and group without events; with 'null', all of its measures are null. */
  readonly fill?: 'zero' | 'null';
  /** Each row gets `previous`: the values at its place in that range. */
  readonly compare?: C;
  /** Each row gets `parts`, what each layer has of the measures that add up, and `part`, the layers that it is from. */
  readonly parts?: S;
  /** Each row merges this long until the end of its window: 7d, or all. */
  readonly over?: Every;
  /** The time zone of windows and of times without a zone, by default UTC: Europe/Berlin. */
  readonly tz?: string;
  readonly signal?: AbortSignal;
}
type OneOrMore<T> = T | readonly T[];

type Flat<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never;
/** The properties in a list; if it is not a literal list, those that may be in it. */
type Listed<T, List extends readonly unknown[]> = number extends List['length']
  ? { readonly [K in keyof T & List[number]]?: T[K] }
  : { readonly [K in keyof T & List[number]]: T[K] };
type Values<F, Measures extends readonly unknown[]> = Measures extends readonly [] ? F : Listed<F, Measures>;
/** What `compare`, `parts` and `other` of a question add to a row. */
type Added<V, Q> = (Q extends { readonly compare: Compare }
  ? {
      /** The values at the same place of the other range; null if that has no such window. */
      readonly previous: V | null;
    }
  : unknown) &
  (Q extends { readonly parts: true }
    ? {
        readonly parts: { readonly [K in 'batch' | 'live']: { readonly [M in keyof V]?: number } };
        readonly part: 'batch' | 'both' | 'live' | null;
      }
    : unknown) &
  (Q extends { readonly other: true } ? { readonly other?: true } : unknown);
/** A row: the window's start, what it is grouped by, and the measures. One whose window is not over has `complete: false` as well. */
export type Row<D, F, By extends readonly unknown[], Measures extends readonly unknown[], Q = unknown> = Flat<
  { readonly window: string } & Listed<D & { readonly [K in keyof Parts]: Parts[K] | null }, By> & Values<F, Measures> & Added<Flat<Values<F, Measures>>, Q>
>;

export interface Answer<R> {
  readonly metric: string;
  /** The hash of the definition that was queried. */
  readonly definition: string;
  readonly from: string;
  readonly to: string;
  readonly every: Every;
  /** The range of `compare`. */
  readonly compare?: { readonly from: string; readonly to: string } | undefined;
  readonly rows: readonly R[];
  /** With `totals`: over all groups and windows. */
  readonly totals?: Readonly<Record<string, unknown>> | undefined;
  /** Where the answer comes from. */
  readonly provenance: {
    readonly generation: string | null;
    readonly horizon: string | null;
    readonly speedThrough: string | null;
    readonly windows: { readonly batch: number; readonly speed: number };
    readonly overflow?: { readonly events: number; readonly incomplete: readonly string[] } | undefined;
    /** What it was read at: GET /metrics/{name}/explain takes it. */
    readonly cut?: string | null | undefined;
    /** With `parts`. */
    readonly publishedAt?: string | null | undefined;
    readonly drift?: number | null | undefined;
    readonly late?: number | undefined;
    readonly frozen?: string | undefined;
  };
  /** Relative standard error of each estimated measure. */
  readonly estimates: Readonly<Record<string, number>>;
  readonly undercounts?: Readonly<Record<string, number>> | undefined;
  readonly outOfRange?: Readonly<Record<string, number>> | undefined;
}

// Several queries at one cut.

/** A query of some metric, with its name. */
export type Named<P> = {
  [N in NameIn<MetricsOf<P>>]: { readonly metric: N } & Omit<
    Question<
      DimensionsOf<MetricsOf<P>[N]>,
      MeasuresOf<MetricsOf<P>[N]>,
      readonly (NameIn<DimensionsOf<MetricsOf<P>[N]>> | keyof Parts)[],
      readonly NameIn<MeasuresOf<MetricsOf<P>[N]>>[]
    >,
    'signal'
  >;
}[NameIn<MetricsOf<P>>];
type ListIn<Q, K extends string> = Q extends { readonly [I in K]: infer List extends readonly unknown[] } ? List : readonly [];
/** The answer to one of them. */
export type AnswerTo<P, Q> = Q extends { readonly metric: infer N extends NameIn<MetricsOf<P>> }
  ? Answer<Row<DimensionsOf<MetricsOf<P>[N]>, MeasuresOf<MetricsOf<P>[N]>, ListIn<Q, 'by'>, ListIn<Q, 'measures'>, Q>>
  : never;

// Live messages.

/** Of any of these metrics: its `metric` says of which. */
export type Live<P, N extends NameIn<MetricsOf<P>>> = N extends unknown
  ? LiveMessage<N, Row<unknown, MeasuresOf<MetricsOf<P>[N]>, readonly [], readonly []>>
  : never;
