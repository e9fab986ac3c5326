import type { z } from 'zod';
import type { Node } from './definition.ts';
import { type EventIdentity, EXPRESSION, type Field } from './expressions.ts';
import { type Kind, type KindOf, kindOf, type Out, type ShapeOf, scaleOf, shapeOf } from './kinds.ts';

export const EVENT: unique symbol = Symbol('event');

type FieldOf<T, P extends string, E> = KindOf<T> extends 'object' ? Field<P, 'object', never, E> & Fields<T, `${P}.`, E> : Field<P, KindOf<T>, Out<T>, E>;
/** An event's fields as properties: edit.added, edit.geo.country. */
export type Fields<T, P extends string, E> = { readonly [K in keyof ShapeOf<T>]: FieldOf<ShapeOf<T>[K], `${P}${K & string}`, E> };
type Named<S, Kinds extends Kind> = { [K in keyof ShapeOf<S>]: KindOf<ShapeOf<S>[K]> extends Kinds ? K : never }[keyof ShapeOf<S>] & string;

/** How a plain JSON object becomes an event: the names of the fields that hold its parts. */
export interface EventOptions<Time extends string = string, Text extends string = string> {
  /** Event time: ISO 8601 text, or an integer of epoch milliseconds. */
  readonly time: Time;
  /** What the event is about. */
  readonly subject?: Text;
  /** A unique id; events with the same source and id count once. */
  readonly id?: Text;
}
export interface EventInfo<S = z.ZodObject> extends EventIdentity {
  readonly schema: S;
  readonly options: EventOptions;
}
export type Event<S = z.ZodObject> = Fields<S, '', S> & { readonly [EVENT]: EventInfo<S> };
/** Any event, where its fields do not matter. */
export interface SomeEvent {
  readonly [EVENT]: EventInfo;
}

/** Names a kind of event: its Zod schema, and which of its fields hold time, subject and id. */
export const event = <const S extends z.ZodObject>(schema: S, options: EventOptions<Named<S, 'text' | 'integer'>, Named<S, 'text'>>): Event<S> => {
  const info: EventInfo<S> = { schema, options, unused: new Set() };
  return Object.defineProperty(fieldsOf(schema, [], info), EVENT, { value: info }) as Event<S>;
};

/** Getters that make a fresh field at each access, so that one that is read and then dropped can be told. */
const fieldsOf = (schema: z.ZodType, path: readonly string[], info: EventInfo, parent?: object): object => {
  const target = {};
  for (const [name, inner] of Object.entries(shapeOf(schema) ?? {})) {
    const at = [...path, name];
    Object.defineProperty(target, name, {
      enumerable: true,
      get: () => {
        if (parent) info.unused.delete(parent);
        const field = { [EXPRESSION]: { node: nodeFor(inner, at, info), event: info } };
        info.unused.add(field);
        return kindOf(inner) === 'object' ? Object.defineProperties(field, Object.getOwnPropertyDescriptors(fieldsOf(inner, at, info, field))) : field;
      },
    });
  }
  return target;
};

const nodeFor = (schema: z.ZodType, path: readonly string[], { options }: EventInfo): Node => {
  const kind = kindOf(schema);
  if (kind === 'text' && path.length === 1 && path[0] === options.time) return { op: 'time', kind: 'text' };
  const scale = scaleOf(schema);
  return { op: 'field', kind, ...(scale === undefined ? {} : { scale }), path };
};
