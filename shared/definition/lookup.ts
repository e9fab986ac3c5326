import type { z } from 'zod';
import { SIMPLE } from './call.ts';
import { type Arg, type Condition, type Expression, expressionOf, type Meaning, made, meaningOf, nameOf, type ReadsOf } from './expression.ts';
import type { Simple } from './kinds.ts';
import { type KindOf, kindOf, type Out, type ShapeOf, scaleOf, shapeOf } from './kinds.ts';
import { looksUp } from './lookups.ts';
import { shown } from './mistakes.ts';

type Key<A> = Arg<'lookup', A, 'text' | 'integer', 'text or an integer as its key'>;
type Columns<S, Reads> = {
  readonly [K in keyof ShapeOf<S>]: KindOf<ShapeOf<S>[K]> extends 'boolean' ? Condition<Reads> : Expression<KindOf<ShapeOf<S>[K]>, Out<ShapeOf<S>[K]>, Reads>;
};
interface Lookup {
  <const A, const S extends z.ZodType>(table: string, options: { readonly key: Key<A>; readonly fields: S }): Columns<S, ReadsOf<A>>;
  <const A>(table: string, options: { readonly key: Key<A>; readonly fields?: undefined }): Expression<'text', string, ReadsOf<A>>;
}

/** Of a table that is looked up without `fields`. */
const VALUE = 'value';
export const TABLE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** A column's name; the same as a field's. */
export const COLUMN = /^[^"'\\*\p{Cc}\p{Cs}]{1,128}$/u;

/**
 * Reference data by key, as they were at the event's own time: the columns of a table that `twinstream lookup put` publishes.
 * A key without a row gives null. Without `fields` it is the table's column `value`, a text.
 * @example
 * const country = lookup('country', { key: edit.countryIsoCode, fields: z.object({ name: z.string(), population: z.int() }) });
 * metric(edit, { dimensions: { country: country.name }, measures: { edits: count() } })
 * @example lookup('segment', { key: order.customer })
 */
export const lookup: Lookup = (table: string, options: { readonly key: unknown; readonly fields?: z.ZodType | undefined }): never => {
  const key = meaningOf('lookup: ', options?.key);
  const column = (name: string, schema: z.ZodType | null): Expression => {
    const meaning = meaningFor(table, name, schema, key);
    return made(expressionOf(meaning), meaning);
  };
  if (options?.fields === undefined) return column(VALUE, null) as never;
  const columns = {};
  for (const [name, schema] of Object.entries(shapeOf(options.fields) ?? {})) {
    let made: Expression | null = null;
    // Made when it is first read, so that a column that nothing uses is no mistake.
    Object.defineProperty(columns, name, { enumerable: true, get: () => (made ??= column(name, schema)) });
  }
  return columns as never;
};

const meaningFor = (table: string, column: string, schema: z.ZodType | null, key: Meaning): Meaning => {
  if ('mistake' in key) return key;
  const { event, node } = key;
  const refused = (what: string, fix: string): Meaning => ({ mistake: () => ({ what: `lookup: ${what}`, fix }), event });
  if (typeof table !== 'string' || !TABLE.test(table))
    return refused(`Expected a table's name of letters, digits, _ and - that starts with a letter, got ${shown(table)}`, 'rename it');
  if (node.kind !== 'text' && node.kind !== 'integer')
    return refused(`Expected text or an integer as its key, ${nameOf(node)} is ${node.kind}`, 'take another field');
  if (looksUp(node)) return refused('Expected a key that the event has, got one that is looked up', 'put the columns of both tables into one');
  if (!COLUMN.test(column) || column === '__proto__')
    return refused(`Expected a column's name without quotes, backslashes, * and control characters, got ${JSON.stringify(column)}`, 'rename the column');
  const kind = schema === null ? 'text' : kindOf(schema);
  if (!SIMPLE.includes(kind)) return refused(`Expected columns of simple values, '${column}' is ${kind}`, 'give it a schema such as z.string() or z.int()');
  const scale = schema === null ? undefined : scaleOf(schema);
  return { node: { op: 'lookup', kind: kind as Simple, ...(scale === undefined ? {} : { scale }), table, column, args: [node] }, event };
};
