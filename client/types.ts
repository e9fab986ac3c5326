import type { z } from 'zod';
import type { Metric } from '../shared/definition/declare.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Event } from '../shared/definition/event-type.ts';

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

/** Measures by which rows can be ordered: those whose answer is one value. */
type Sortable<F, Asked> = { [K in keyof F]: F[K] extends string | number | boolean | null ? (K extends Asked ? K : never) : never }[keyof F] & string;
type Ordering<Names extends string> = Names | `-${Names}`;
/** A name in a list, or any if it lists none. */
type Asked<List extends readonly unknown[], All> = List extends readonly [] ? All : List[number];

export interface Question<D, F, By extends readonly unknown[], Measures extends readonly unknown[]> {
  /** By default -24h; half-open, rounded outward to the metric's window. */
  readonly from?: Time;
  /** By default now. */
  readonly to?: Time;
  /** Windows of this size, by default `all`: one row per group. */
  readonly every?: Every;
  /** Dimensions to group by. */
  readonly by?: By;
  /** By default all. */
  readonly measures?: Measures;
  /** Allowed values of a dimension: one, or any of a list. */
  readonly filter?: { readonly [K in keyof D]?: OneOrMore<Exclude<D[K], null>> };
  /** What to order by, before the windows' order; `-edits` for the largest first. */
  readonly order?: OneOrMore<Ordering<'window' | (By[number] & string) | Sortable<F, Asked<Measures, keyof F>>>>;
  /** At most this many rows, after ordering. */
  readonly limit?: number;
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
/** A row: the window's start, what it is grouped by, and the measures. */
export type Row<D, F, By extends readonly unknown[], Measures extends readonly unknown[]> = Flat<
  { readonly window: string } & Listed<D, By> & (Measures extends readonly [] ? F : Listed<F, Measures>)
>;

export interface Answer<R> {
  readonly metric: string;
  /** The hash of the definition that was queried. */
  readonly definition: string;
  readonly from: string;
  readonly to: string;
  readonly every: Every;
  readonly rows: readonly R[];
  /** Where the answer comes from. */
  readonly provenance: {
    readonly generation: string | null;
    readonly horizon: string | null;
    readonly speedThrough: string | null;
    readonly windows: { readonly batch: number; readonly speed: number };
    readonly overflow?: { readonly events: number; readonly incomplete: readonly string[] } | undefined;
    readonly frozen?: string | undefined;
  };
  /** Relative standard error of each estimated measure. */
  readonly estimates: Readonly<Record<string, number>>;
  readonly undercounts?: Readonly<Record<string, number>> | undefined;
  readonly outOfRange?: Readonly<Record<string, number>> | undefined;
}
