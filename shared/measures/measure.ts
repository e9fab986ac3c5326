import type { z } from 'zod';
import { call, taking } from '../definition/call.ts';
import type { Scalar } from '../definition/definition.ts';
import { type Arg, type KindOfExpression, type Meaning, made, meaningOf } from '../definition/expression.ts';
import type { Kind, Simple } from '../definition/kinds.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { SqlType } from '../sql/types.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The position of a value: its event's time (canonical ISO text) and id. */
export interface At {
  readonly time: string;
  readonly id: string;
}

/**
 * A commutative monoid over states S. `add` and `merge` may change and return their first argument; `merge` neither changes nor
 * keeps its second one, if that is mutable.
 * `encode` gives the canonical JSON of a state; `decode` reads that, and what `sql` yields; null decodes to zero.
 * Model: the prepare–monoid–present aggregators of Algebird.
 */
export interface Measure<S = unknown> {
  readonly zero: () => S;
  /** Takes one value, never null; `count` gets null for every event. `by` is what the value is ranked by, if the definition says so. */
  readonly add: (state: S, value: Scalar | null, at: At, by?: Scalar | null) => S;
  readonly merge: (a: S, b: S) => S;
  readonly present: (state: S) => Json;
  readonly encode: (state: S) => Json;
  readonly decode: (json: Json) => S;
  /** SQL for the encoded, mergeable state of a group, as JSON text. `value` is a column, `null` if there is none. */
  readonly sql: (dialect: Dialect, value: string) => string;
  /** For a state that is made of each value's own total: SQL of those, over the rows of one value; `sql` then reads them as columns. Undefined for a dialect that needs none. */
  readonly totals?: (dialect: Dialect, by: string) => Readonly<Record<string, string>> | undefined;
  /** For a state that counts values by bucket: the bucket of a value, and SQL of the same. */
  readonly bucket?: { readonly of: (value: Scalar) => number; readonly sql: (dialect: Dialect, value: string) => string };
  /** SQL for the answer itself, for other tools that read batch views, and its type; missing if SQL cannot give it. */
  readonly finished?: { readonly type: SqlType; readonly sql: (dialect: Dialect, value: string) => string };
  /** The exact value as decimal text, if a number may be less precise. */
  readonly exact?: (state: S) => string | null;
  /** Whether the answer is an estimate, where a measure gives both exact ones and estimates. */
  readonly isEstimate?: (state: S) => boolean;
  /** Whether the number that `present` gives is not the exact value. */
  readonly isInexact?: (state: S) => boolean;
  /** How many values were out of range, and are not in the answer. */
  readonly outOfRange?: (state: S) => number;
  /** An upper bound of how much a value of this answer may have been undercounted; missing if answers are exact or only estimated. */
  readonly undercount?: (state: S) => number;
}

/** The fixed part of a measure's definition: the kind and scale of its values, and its options. */
export interface MeasureSpec<O> {
  readonly kind: Kind | null;
  readonly scale: number;
  readonly options: O;
  /** Of what values are ranked by. */
  readonly by?: { readonly kind: Kind; readonly scale: number };
}

/** One entry of the registry. */
export interface MeasureKind<S = unknown, O = unknown> {
  readonly name: string;
  /** The accepted kinds of values, and their names in error texts; null if it takes none. */
  readonly takes: { readonly kinds: readonly Kind[]; readonly words: string } | null;
  /** Each option's schema has in its `meta` a description and an example, for error texts. */
  readonly options: z.ZodType<O>;
  /** Further rules for a definition: what is wrong and how to fix it, or null. */
  readonly refuses?: (spec: MeasureSpec<O>) => { readonly what: string; readonly fix: string } | null;
  readonly build: (spec: MeasureSpec<O>) => Measure<S>;
  /** Whether a definition may say what its values are ranked by. */
  readonly ranks?: boolean;
  /** The schema of what `present` answers. */
  readonly answers: (spec: MeasureSpec<O>) => z.ZodType;
  /** What `fill=zero` answers for a window without events, if `present` of zero is null: a sum is 0. */
  readonly whenEmpty?: number;
  /** Whether the answers of two sets of events add up to that of both. */
  readonly addsUp?: true;
  /** Relative standard error, if answers are estimates. */
  readonly standardError?: number;
  /** Relative error that no answer exceeds, if answers are rounded. */
  readonly errorBound?: number;
}

/** The type of a value of kind K in answers. */
export type ValueOf<K> = K extends 'text' ? string : K extends 'boolean' ? boolean : K extends 'integer' | 'decimal' | 'float' ? number : never;
export type ValueOfExpression<A> = ValueOf<KindOfExpression<A>>;

/** A measure as written in `pipeline.ts`. For the compiler: the type of its answers, and the fields that it reads, each as its kind and path. */
export interface MeasureUse<N extends string = string, Answer = unknown, Reads = unknown> {
  readonly measure: N;
  /** Its value; null if it takes none. */
  readonly of: Meaning | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** What it ranks values by, as it was given. */
  readonly by?: unknown;
  readonly answer?: Answer;
  readonly reads?: Reads;
}

export const isMeasure = (value: unknown): value is MeasureUse => typeof value === 'object' && value !== null && 'measure' in value && 'of' in value;

/** An option of every measure. */
export interface Where<W> {
  /** Only events for which it is true count in this measure. */
  readonly where?: Arg<'where', W, 'boolean', 'a condition'>;
}

/** For the builders in the measures' files. */
export const measureOf = <N extends string, Answer, Reads>(measure: N, a: unknown, given: object = {}, by?: unknown): MeasureUse<N, Answer, Reads> => {
  const { where, ...options }: { readonly where?: unknown } = given;
  const value = meaningOf(`${measure}: `, a);
  const of = where === undefined ? value : keeping(where, [value]);
  if (isMeasure(by)) by.of?.event?.unused.delete(by);
  return made({ measure, of, options, ...(by === undefined ? {} : { by }) }, of);
};
/** The values of events for which the condition is true; without a value, true. */
export const keeping = (where: unknown, value: readonly Meaning[]): Meaning => {
  const kept = call('where', [meaningOf('where: ', where), ...value], ([condition, of]) => {
    const refused = taking(['boolean'], 'a condition', 'boolean')(condition === undefined ? [] : [condition]);
    // Whether the measure takes values of this kind is its own question.
    return !('kind' in refused) || of === undefined ? refused : { kind: of.kind as Simple, scale: 'scale' in of ? of.scale : undefined };
  });
  return meaningOf('', kept);
};
