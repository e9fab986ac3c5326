import type { z } from 'zod';
import type { Node } from './definition.ts';
import { type BooleanField, expressionOf, type Field } from './expression.ts';
import { type Kind, type KindOf, kindOf, type Out, type ShapeOf, scaleOf, shapeOf } from './kinds.ts';
import { type EventIdentity, forgetSlip, noteSlip } from './mistakes.ts';

export const EVENT: unique symbol = Symbol('event');

type FieldOf<T, P extends string> =
  KindOf<T> extends 'object'
    ? Field<P, 'object', never> & Fields<T, `${P}.`>
    : KindOf<T> extends 'boolean'
      ? BooleanField<P, Out<T>>
      : Field<P, KindOf<T>, Out<T>>;
/** An event's fields as properties: edit.added, edit.geo.country. */
export type Fields<T, P extends string> = { readonly [K in keyof ShapeOf<T>]: FieldOf<ShapeOf<T>[K], `${P}${K & string}`> };
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
export type Event<S = z.ZodType> = Fields<S, ''> & { readonly [EVENT]: EventInfo<S> };
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
  return withFields(target, schema, [], info) as Event<S>;
};

/** Adds fields as properties. Reading one has no effect; reading one that does not exist is remembered, for the text of an error that follows from it. */
const withFields = (target: object, schema: z.ZodType, path: readonly string[], info: EventInfo): object => {
  const shape = shapeOf(schema) ?? {};
  for (const [name, inner] of Object.entries(shape)) {
    let field: object | null = null;
    // Created when it is first read, since a schema may contain itself.
    Object.defineProperty(target, name, { enumerable: true, get: () => (field ??= fieldOf(inner, [...path, name], info)) });
  }
  return new Proxy(target, {
    get: (_, name) => {
      if (typeof name === 'string') {
        if (name in target) forgetSlip();
        else noteSlip(info, { kind: 'missing', name, path, fields: Object.keys(shape) });
      }
      return Reflect.get(target, name);
    },
  });
};

const fieldOf = (schema: z.ZodType, path: readonly string[], info: EventInfo): object => {
  const field = expressionOf({ node: nodeFor(schema, path, info), event: info });
  return kindOf(schema) === 'object' ? withFields(field, schema, path, info) : field;
};

const nodeFor = (schema: z.ZodType, path: readonly string[], { options }: EventInfo): Node => {
  const kind = kindOf(schema);
  if (kind === 'text' && path.length === 1 && path[0] === options.time) return { op: 'time', kind: 'text' };
  const scale = scaleOf(schema);
  return { op: 'field', kind, ...(scale === undefined ? {} : { scale }), path };
};
