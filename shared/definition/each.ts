import type { ItemsOf } from './definition.ts';
import { EVENT, type EventInfo, ITEMS, type Items } from './event-type.ts';
import { type Expression, type KindOfExpression, meaningOf, type NameOf, type NoField, nameOf } from './expression.ts';
import type { EventIdentity, Mistake } from './mistakes.ts';

export const EACH: unique symbol = Symbol('each');

/** The items of an array, for a metric to count. For the compiler: the event's schema, and the array's path. */
export interface Each<S = unknown, P extends string = string> {
  readonly [EVENT]: EventInfo<S> | undefined;
  readonly [EACH]: (ItemsOf | { readonly mistake: Mistake; readonly event: EventIdentity | null }) & { readonly named?: P };
}
export const isEach = (value: unknown): value is Each => typeof value === 'object' && value !== null && EACH in value;

type AnArray<A> = A extends Items
  ? A
  : A extends Expression
    ? `each takes an array of the event; ${NameOf<A>} is ${KindOfExpression<A>}`
    : NoField<'each takes an array', A>;
type EachOf<A> = A extends Items<infer P, infer S> ? Each<S, P> : never;

/**
 * Makes a metric count the items of an array instead of events: it may read the fields of an item, and those of its event. Of an
 * array of texts or numbers, the array's own name is the item.
 * @example
 * metric(each(order.items), {
 *   dimensions: { sku: order.items.sku, country: order.country },
 *   measures: { items: count(), revenue: sum(mul(order.items.price, order.items.quantity)) },
 * })
 * @example metric(each(post.tags), { dimensions: { tag: post.tags }, measures: { posts: count() } })
 */
export const each = <const A>(array: AnArray<A>): EachOf<A> => made(array) as EachOf<A>;

const made = (array: unknown): Each => {
  if (typeof array === 'object' && array !== null && ITEMS in array) {
    const { path, kind, info } = (array as Items)[ITEMS];
    return { [EVENT]: info, [EACH]: { path, kind } };
  }
  const meaning = meaningOf('each: ', array);
  const mistake: Mistake =
    'mistake' in meaning
      ? meaning.mistake
      : () => ({
          what: `each takes an array of the event; ${nameOf(meaning.node)} is ${meaning.node.kind}`,
          fix: 'name a field whose schema is z.array(…) of objects, texts, numbers or booleans',
        });
  return { [EVENT]: undefined, [EACH]: { mistake, event: meaning.event } };
};
