import type { z } from 'zod';
import type { ItemsOf, Node } from './definition.ts';
import { type BooleanField, expressionOf, type Field } from './expression.ts';
import { type ItemOf, itemOf, type Kind, type KindOf, kindOf, type Out, type ShapeOf, scaleOf, shapeOf } from './kinds.ts';
import { type EventIdentity, forgetSlip, noteSlip } from './mistakes.ts';

export const EVENT: unique symbol = Symbol('event');
export const ITEMS: unique symbol = Symbol('items');

/** What a field has that is an array, beside its items' fields. For the compiler: its path, and its event's schema. */
export interface Items<P extends string = string, S = unknown> {
  readonly [ITEMS]: ItemsOf & { readonly info: EventInfo<S>; readonly named?: P };
}

/** S is the event's schema; never inside of an array, whose items have no further items. */
type FieldOf<T, P extends string, S> =
  KindOf<T> extends 'object'
    ? Field<P, 'object', never> & Fields<T, `${P}.`, S>
    : KindOf<T> extends 'array'
      ? [S] extends [never]
        ? Field<P, 'array'>
        : FieldOf<ItemOf<T>, `${P}[]`, never> & Items<P, S>
      : KindOf<T> extends 'boolean'
        ? BooleanField<P, Out<T>>
        : Field<P, KindOf<T>, Out<T>>;
/** An event's fields as properties: edit.added, edit.geo.country; of an array, those of its items: order.items.sku. */
export type Fields<T, P extends string, S> = { readonly [K in keyof ShapeOf<T>]: FieldOf<ShapeOf<T>[K], `${P}${K & string}`, S> };
type Named<S, Kinds extends Kind> = { [K in keyof ShapeOf<S>]: KindOf<ShapeOf<S>[K]> extends Kinds ? K : never }[keyof ShapeOf<S>] & string;

/** How a plain JSON object becomes an event: the names of the fields that hold its parts. */
export interface EventOptions<Time extends string = string, Text extends string = string> {
  /** Event time: a `time()`, ISO 8601 text with a zone, or an integer of epoch milliseconds. */
  readonly time: Time;
  /** What the event is about. */
  readonly subject?: Text;
  /** A unique id; events with the same source and id are deduplicated. */
  readonly id?: Text;
  /** Whether events with fields that the schema does not know are rejected; by default those fields are stored, so that a later schema can use them. */
  readonly strict?: boolean;
}
export interface EventInfo<S = z.ZodType> extends EventIdentity {
  readonly schema: S;
  readonly options: EventOptions;
}
export type Event<S = z.ZodType> = Fields<S, '', S> & { readonly [EVENT]: EventInfo<S> };
/** Any event, if its fields do not matter. */
export interface SomeEvent {
  readonly [EVENT]: EventInfo;
}

/**
 * Declares a kind of event: its Zod schema, and which of its fields hold time, subject and id. Its fields become properties.
 * @example
 * const edit = event(
 *   z.object({ time: time(), page: z.string(), added: z.int() }),
 *   { time: 'time', subject: 'page' },
 * );
 * sum(edit.added);
 */
export const event = <const S extends z.ZodType>(schema: S, options: EventOptions<Named<S, 'text' | 'integer'>, Named<S, 'text'>>): Event<S> => {
  const info: EventInfo<S> = { schema, options, fields: Object.keys(shapeOf(schema) ?? {}), unused: new Set(), slips: [] };
  const target = Object.defineProperty({}, EVENT, { value: info });
  return withFields(target, schema, { path: [], of: null, info }) as Event<S>;
};

/** Where a field is: at a path of the event, or of each item of the array `of`. */
interface Place {
  readonly path: readonly string[];
  readonly of: readonly string[] | null;
  readonly info: EventInfo;
}

/** Adds fields as properties. Reading one has no effect; reading one that does not exist is remembered, for the text of an error that follows from it. */
const withFields = (target: object, schema: z.ZodType, place: Place): object => {
  const { path, of, info } = place;
  const shape = shapeOf(schema) ?? {};
  for (const [name, inner] of Object.entries(shape)) {
    let field: object | null = null;
    // Created when it is first read, since a schema may contain itself.
    Object.defineProperty(target, name, { enumerable: true, get: () => (field ??= fieldOf(inner, { ...place, path: [...path, name] })) });
  }
  return new Proxy(target, {
    get: (_, name) => {
      if (typeof name === 'string') {
        if (name in target) forgetSlip();
        else noteSlip(info, { kind: 'missing', name, path: [...(of ?? []), ...path], fields: Object.keys(shape) });
      }
      return Reflect.get(target, name);
    },
  });
};

const fieldOf = (schema: z.ZodType, place: Place): object => {
  const { path, of, info } = place;
  const item = of === null && kindOf(schema) === 'array' ? itemOf(schema) : undefined;
  if (item !== undefined) {
    const items = fieldOf(item, { path: [], of: path, info });
    return Object.defineProperty(items, ITEMS, { value: { path, kind: kindOf(item), info } });
  }
  const field = expressionOf({ node: nodeFor(schema, place), event: info });
  return kindOf(schema) === 'object' ? withFields(field, schema, place) : field;
};

const nodeFor = (schema: z.ZodType, { path, of, info: { options } }: Place): Node => {
  const kind = kindOf(schema);
  const scale = scaleOf(schema);
  if (of !== null) return { op: 'item', kind, ...(scale === undefined ? {} : { scale }), of, path };
  if (kind === 'text' && path.length === 1 && path[0] === options.time) return { op: 'time', kind: 'text' };
  return { op: 'field', kind, ...(scale === undefined ? {} : { scale }), path };
};
