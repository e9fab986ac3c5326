import type { Node } from './definition.ts';
import type { Kind } from './kinds.ts';
import { type EventIdentity, explains, forgetSlip, latestSlip, type Mistake, notAField, noteSlip } from './mistakes.ts';

export const EXPRESSION: unique symbol = Symbol('expression');

/** What an expression means; an invalid one keeps what is wrong with it. */
export type Meaning = { readonly node: Node; readonly event: EventIdentity } | { readonly mistake: Mistake; readonly event: EventIdentity | null };

/**
 * A small tree instead of a JavaScript function, because SQL has to run it too. A missing field is null, and null propagates
 * as in SQL: a comparison with null is null, `where` keeps an event only if it is true. For the compiler: the kind and type
 * of its values, and the fields that it reads, each as its kind and path.
 */
export interface Expression<K extends Kind = Kind, V = unknown, Reads = unknown> {
  readonly [EXPRESSION]: Meaning & { readonly kind?: K; readonly value?: V; readonly reads?: Reads };
}
export interface Field<P extends string, K extends Kind, V = unknown> extends Expression<K, V, `${K} ${P}`> {
  readonly [EXPRESSION]: Expression<K, V, `${K} ${P}`>[typeof EXPRESSION] & { readonly path: P };
}
/**
 * No such method exists. Its type makes the compiler report a condition that JavaScript would test, as in `a && b` or `a ? b : c`:
 * "This condition will always return true since this 'Condition' is always defined."
 */
interface NeverTested {
  readonly then: (useAndOrNot: (condition: never) => never) => never;
}
/** A condition on each event: combine with and(a, b), or(a, b), not(a). */
export interface Condition<Reads = unknown> extends Expression<'boolean', boolean, Reads>, NeverTested {}
export interface BooleanField<P extends string, V = boolean> extends Field<P, 'boolean', V>, NeverTested {}

export type KindOfExpression<A> = A extends Expression<infer K> ? K : never;
export type ReadsOf<A> = A extends Expression<Kind, unknown, infer R> ? R : never;
export type NameOf<A> = A extends Field<infer P, Kind> ? (string extends P ? 'this expression' : `'${P}'`) : 'this expression';
/** A if it is an expression of one of the kinds K, else the error text. */
export type Arg<Name extends string, A, K extends Kind, Takes extends string> =
  A extends Expression<infer X> ? ([X] extends [K] ? A : `${Name} takes ${Takes}; ${NameOf<A>} is ${X}`) : NoField<`${Name} takes a field`, A>;
export type NoField<Words extends string, A> = A extends string
  ? string extends A
    ? `${Words}, not text: write a field such as edit.page`
    : `${Words}, not text: write a field such as edit.${A}`
  : A extends (...args: never) => unknown
    ? `${Words}, not a function: call it, as in lower(edit.page)`
    : A extends number
      ? `${Words}, not a number: for arithmetic write mul(order.price, 2) and the like`
      : `${Words}: write one such as edit.page`;

export const isExpression = (value: unknown): value is Expression => typeof value === 'object' && value !== null && EXPRESSION in value;

/** As in `items[].sku`. */
export const itemName = ({ of, path }: Pick<Node & { op: 'item' }, 'of' | 'path'>): string => [`${of.join('.')}[]`, ...path].join('.');

/** For error texts. */
export const nameOf = (node: Node): string =>
  node.op === 'field'
    ? `'${node.path.join('.')}'`
    : node.op === 'item'
      ? `'${itemName(node)}'`
      : node.op === 'time'
        ? "the event's time"
        : node.op === 'const'
          ? JSON.stringify(node.value)
          : node.op === 'lookup'
            ? `'${node.column}' of lookup '${node.table}'`
            : `${node.op}(${node.args.map(nameOf).join(', ')})`;

/** An expression as an object. JavaScript's operators turn it into NaN or text, which no definition accepts; the recorded slip explains why. */
export const expressionOf = (meaning: Meaning): Expression =>
  Object.defineProperty({ [EXPRESSION]: meaning }, Symbol.toPrimitive, {
    value: (hint: string) => {
      const name = 'node' in meaning ? nameOf(meaning.node) : 'an expression';
      if (hint === 'string') return name;
      if (meaning.event !== null) noteSlip(meaning.event, { kind: 'operator', on: name });
      return Number.NaN;
    },
  });

/** What a function was given: an expression, which counts as used from here on, or a mistake. */
export const meaningOf = (before: string, given: unknown): Meaning => {
  if (isExpression(given)) {
    const meaning = given[EXPRESSION];
    meaning.event?.unused.delete(given);
    return meaning;
  }
  const latest = latestSlip();
  const slip = latest === null ? null : explains(given, [latest.slip]);
  return { mistake: notAField(before, given, slip), event: slip === null ? null : (latest?.event ?? null) };
};

/** Registers something made from an event: if it is never used in a definition, that is a mistake such as `a && b`. */
export const made = <T extends object>(thing: T, { event }: Meaning): T => {
  forgetSlip();
  event?.unused.add(thing);
  return thing;
};
