import type { TrinoColumn, TrinoResult } from './trino-client.ts';

/** Trino's answers in the form of GetQueryResults (docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html). */

interface Datum {
  readonly VarCharValue?: string;
}
export interface ResultPage {
  readonly UpdateCount: number;
  readonly ResultSet: { readonly Rows: readonly { readonly Data: readonly Datum[] }[]; readonly ResultSetMetadata: { readonly ColumnInfo: readonly object[] } };
  readonly NextToken?: string;
}

/** Rows from `from` on, of which the very first holds the names of the columns. */
export const resultPage = ({ columns, rows }: TrinoResult, from: number, size: number): ResultPage => {
  const header = columns.length === 0 ? [] : [{ Data: columns.map(({ name }) => ({ VarCharValue: name })) }];
  const all = header.length + rows.length;
  const to = Math.min(from + size, all);
  const data = rows.slice(Math.max(0, from - header.length), to - header.length).map((row) => ({ Data: columns.map((column, i) => datum(column, row[i])) }));
  return {
    UpdateCount: 0,
    ResultSet: { Rows: [...header.slice(from), ...data], ResultSetMetadata: { ColumnInfo: columns.map(columnInfo) } },
    ...(to < all ? { NextToken: String(to) } : {}),
  };
};

const baseOf = (type: string): string => type.replace(/\(.*$/, '');
const columnInfo = ({ name, type }: TrinoColumn) => {
  const [, precision = '0', scale = '0'] = /^decimal\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    Type: baseOf(type) === 'real' ? 'float' : baseOf(type),
    Precision: Number(precision),
    Scale: Number(scale),
    Nullable: 'UNKNOWN',
    CaseSensitive: baseOf(type) === 'varchar',
  };
};

const SCALARS = ['boolean', 'tinyint', 'smallint', 'integer', 'bigint', 'real', 'double', 'decimal', 'varchar', 'char', 'date', 'timestamp', 'json', 'unknown'];
/** NULL is a datum without a value. Athena prints nested values in a form that cannot be read back, so here they are refused. */
const datum = ({ name, type }: TrinoColumn, value: unknown): Datum => {
  if (!SCALARS.includes(baseOf(type))) throw new Error(`Expected a scalar in column ${name}, got ${type}: cast it to varchar`);
  if (value === null || value === undefined) return {};
  const isFloat = baseOf(type) === 'double' || baseOf(type) === 'real';
  return { VarCharValue: isFloat && Number.isInteger(value) ? Number(value).toFixed(1) : String(value) };
};
