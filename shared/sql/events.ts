import { type Dialect, quoteText } from './dialect.ts';
import { fieldSql } from './expression.ts';
import { type Field, type FieldColumn, isSameField } from './fields.ts';
import { PART_COLUMNS } from './parse.ts';

/** Parts with the same columns. */
export interface PartSet {
  readonly columns: readonly FieldColumn[];
  /** The relation of the parts, and of their repeated events (see repeats.ts); null if there are none. */
  readonly parts: string;
  readonly repeats: string | null;
  /** Days of a part that another part holds instead. */
  readonly stale: readonly { readonly run: string; readonly days: readonly string[] }[];
}
/** Which events are wanted: those of a type on some days, and of these, if it is given, in some hours. */
export interface Wanted {
  readonly type: string;
  readonly days: readonly string[];
  /** Canonical times, from ≤ time < to. */
  readonly between?: readonly [from: string, to: string];
}

/**
 * The relation of parsed events that every later statement reads: the columns of a part, those of the given fields (`as`),
 * and what decides whether an event counts: `repeated`, if the speed layer detects it as a duplicate, and `nth`, its
 * place among the events of its type and day with the same source and id.
 */
export const eventsSql = (
  dialect: Dialect,
  { type, days, between }: Wanted,
  sets: readonly PartSet[],
  fields: readonly (Field & { readonly as: string })[],
): string => {
  const isWanted = (stale: PartSet['stale']): string =>
    [
      `type = ${quoteText(type)} AND ${isIn('day', days)}`,
      ...(between === undefined ? [] : [`time >= ${quoteText(between[0])} AND time < ${quoteText(between[1])}`]),
      ...stale.map(({ run, days: some }) => `NOT (run = ${quoteText(run)} AND ${isIn('day', some)})`),
    ].join(' AND ');
  const selects = sets.flatMap(({ columns, parts, repeats, stale }) => {
    const own = [...PART_COLUMNS, 'type', 'day', ...fields.map((field) => `${columnSql(dialect, columns, field)} AS ${field.as}`)].join(', ');
    const isSame = 'r.run = p.run AND r.shard = p.shard AND r.seq = p.seq AND r.line = p.line';
    const from = repeats === null ? `FROM ${parts} AS p WHERE ${isWanted(stale)}` : dialect.without(parts, repeats, isSame, isWanted(stale));
    return [
      `SELECT ${own}, false AS repeated, CAST(1 AS BIGINT) AS nth ${from}`,
      ...(repeats === null ? [] : [`SELECT ${own}, repeated, nth FROM ${repeats} AS p WHERE ${isWanted(stale)}`]),
    ];
  });
  return `(${selects.join('\nUNION ALL\n')})`;
};

const isIn = (column: string, values: readonly string[]): string => `${column} IN (${values.map(quoteText).join(', ')})`;

/** A field's own column, or, if these parts have none because no definition read it when they were written, its value in the data. */
const columnSql = (dialect: Dialect, columns: readonly FieldColumn[], field: Field): string => {
  const known = columns.find((one) => isSameField(one, field));
  return known?.column ?? fieldSql(dialect, dialect.at(dialect.document(dialect.parsed('data'), [field.path]), [field.path], 0), field.kind);
};
