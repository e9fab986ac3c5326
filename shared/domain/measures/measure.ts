import type { z } from 'zod';
import type { Node, Scalar } from '../definition.ts';
import { type EventIdentity, type Expression, use } from '../expressions.ts';
import type { Kind } from '../kinds.ts';
import type { Dialect } from '../sql/dialect.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a value stands: its event's time (canonical ISO text) and id. */
export interface At {
  readonly time: string;
  readonly id: string;
}

/**
 * A commutative monoid over states S. `add` and `merge` may change and return their first argument.
 * `encode` gives the canonical JSON of a state; `decode` reads that, and what `sql` yields; null decodes to zero.
 * Model: the prepare–monoid–present aggregators of Algebird.
 */
export interface Measure<S = unknown> {
  readonly zero: () => S;
  /** Takes one value, never null; `count` gets null for every event. */
  readonly add: (state: S, value: Scalar | null, at: At) => S;
  readonly merge: (a: S, b: S) => S;
  readonly present: (state: S) => Json;
  readonly encode: (state: S) => Json;
  readonly decode: (json: Json) => S;
  /** SQL for the encoded, mergeable state of a group, as JSON text. `value` is a column, `null` where there is none. */
  readonly sql: (dialect: Dialect, value: string) => string;
  /** An upper bound of how much a value of this answer may have been undercounted; absent where answers are exact or only estimated. */
  readonly undercount?: (state: S) => number;
}

/** What a measure's definition fixes: the kind and scale of its values, and its options. */
export interface MeasureSpec<O> {
  readonly kind: Kind | null;
  readonly scale: number;
  readonly options: O;
}

/** One entry of the registry. */
export interface MeasureKind<S = unknown, O = unknown> {
  readonly name: string;
  /** Kinds of values that it takes, and how its error texts say so; null where it takes none. */
  readonly takes: { readonly kinds: readonly Kind[]; readonly words: string } | null;
  readonly options: z.ZodType<O>;
  /** What else a definition must hold; the text of the error, or null. */
  readonly refuses?: (spec: MeasureSpec<O>) => string | null;
  readonly build: (spec: MeasureSpec<O>) => Measure<S>;
  /** Relative standard error, where answers are estimates. */
  readonly standardError?: number;
  /** Relative error that no answer exceeds, where answers are rounded. */
  readonly errorBound?: number;
}

/** A measure as `pipeline.ts` names it; the phantom properties carry its answer's kind and its event for the compiler. */
export interface MeasureUse<N extends string = string, A extends Kind | 'list' = Kind | 'list', E = unknown> {
  readonly measure: N;
  readonly of: Node | null;
  readonly event: EventIdentity | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly answers?: A;
  readonly on?: E;
}

/** For the builders in the measures' files. */
export const measureOf = (measure: string, a: Expression, options: object = {}): never => {
  const { node, event } = use(a);
  return { measure, of: node, event, options } as never;
};
