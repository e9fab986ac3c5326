import type { GlueTable } from '../../shared/adapters/aws/athena-tables.ts';

/** What is Athena's own in SQL, and how Trino says it. */

export interface Unload {
  readonly select: string;
  /** s3://bucket/prefix/ */
  readonly to: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly compression: string;
  readonly partitionedBy: readonly string[];
}
/** A statement that Athena refuses; `message` starts with the name of its error. */
export class RefusedStatement extends Error {
  override readonly name = 'RefusedStatement';
}

const quoteIdentifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string) => `'${text.replaceAll("'", "''")}'`;
const unquoteText = (text: string) => text.slice(1, -1).replaceAll("''", "'");
const array = (texts: readonly string[]) => `ARRAY[${texts.map(quoteText).join(', ')}]`;

/** The properties that docs.aws.amazon.com/athena/latest/ug/unload.html lists. */
const PROPERTIES = ['format', 'compression', 'compression_level', 'field_delimiter', 'partitioned_by'];
const PARQUET_COMPRESSIONS = ['gzip', 'snappy', 'lz4', 'zstd', 'none'];

/** The parts of UNLOAD (SELECT …) TO 's3://…' WITH (…); null where it is another statement. Of the formats only Parquet is known here. */
export const parseUnload = (sql: string): Unload | null => {
  if (!/^\s*UNLOAD\b/i.test(sql)) return null;
  // The last `) TO '…' WITH (…)` ends it, whatever texts the query holds.
  const [, select = '', to = '', rest = ''] = /^\s*UNLOAD\s*\(([\s\S]*)\)\s*TO\s+('(?:[^']|'')*')\s*WITH\s*\(([\s\S]*)\)\s*;?\s*$/i.exec(sql) ?? [];
  if (select === '') throw new RefusedStatement("SYNTAX_ERROR: Expected UNLOAD (SELECT …) TO 's3://…' WITH (…)");
  const location = unquoteText(to);
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  if (bucket === '') throw new RefusedStatement(`INVALID_TABLE_PROPERTY: External location is not a valid file system URI: ${location}`);
  const given = Object.fromEntries(
    [...rest.matchAll(/(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|\d+)\s*(?:,|$)/gi)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
  );
  const unknown = Object.keys(given).find((name) => !PROPERTIES.includes(name));
  if (unknown !== undefined) throw new RefusedStatement(`INVALID_TABLE_PROPERTY: Unsupported property: ${unknown}`);
  const format = unquoteText(given.format ?? "''").toUpperCase();
  if (format !== 'PARQUET')
    throw new RefusedStatement(`INVALID_TABLE_PROPERTY: Expected format 'PARQUET', the only one that this front knows, got '${format}'`);
  const compression = unquoteText(given.compression ?? "'gzip'").toLowerCase(); // gzip is Athena's default for Parquet
  if (!PARQUET_COMPRESSIONS.includes(compression)) throw new RefusedStatement(`INVALID_TABLE_PROPERTY: Unsupported compression for Parquet: ${compression}`);
  const partitionedBy = [...(given.partitioned_by ?? '').matchAll(/'(?:[^']|'')*'/g)].map(([name]) => unquoteText(name).toLowerCase());
  return {
    select,
    to: location.endsWith('/') ? location : `${location}/`,
    bucket,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    compression,
    partitionedBy,
  };
};

/** UNLOAD as a table of Trino's hive connector over a location; the table is dropped afterwards, its files stay. */
export const unloadTableSql = (table: string, location: string, { select, partitionedBy }: Unload): string =>
  `CREATE TABLE ${quoteIdentifier(table)} WITH (external_location = ${quoteText(location)}, format = 'PARQUET'${partitionedBy.length === 0 ? '' : `, partitioned_by = ${array(partitionedBy)}`}) AS ${select}`;

const FORMATS: readonly (readonly [string, string])[] = [
  ['.TextInputFormat', 'TEXTFILE'],
  ['.MapredParquetInputFormat', 'PARQUET'],
  ['.SymlinkTextInputFormat', 'PARQUET'], // see trino-links.ts
];
const TYPES: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', float: 'real', binary: 'varbinary' };

/** A Glue table as a table of Trino's hive connector, with the same projection of partitions. */
export const glueTableSql = ({ Name, Parameters, PartitionKeys, StorageDescriptor }: GlueTable): string => {
  const format = FORMATS.find(([input]) => StorageDescriptor.InputFormat.endsWith(input))?.[1];
  if (format === undefined)
    throw new RefusedStatement(`HIVE_UNSUPPORTED_FORMAT: Table ${Name}: Expected text or Parquet, got ${StorageDescriptor.InputFormat}`);
  const projects = Parameters['projection.enabled'] === 'true';
  const type = (glue: string) => TYPES[glue] ?? glue;
  const columns = [
    ...StorageDescriptor.Columns.map((column) => `${quoteIdentifier(column.Name)} ${type(column.Type)}`),
    ...PartitionKeys.map((key) => `${quoteIdentifier(key.Name)} ${type(key.Type)}${projects ? ` WITH (${projectionSql(Name, key.Name, Parameters)})` : ''}`),
  ];
  const template = Parameters['storage.location.template'];
  const properties = [
    `external_location = ${quoteText(StorageDescriptor.Location)}`,
    `format = '${format}'`,
    ...(PartitionKeys.length === 0 ? [] : [`partitioned_by = ${array(PartitionKeys.map((key) => key.Name))}`]),
    ...(projects ? ['partition_projection_enabled = true'] : []),
    ...(projects && template !== undefined ? [`partition_projection_location_template = ${quoteText(template)}`] : []),
  ];
  return `CREATE TABLE ${quoteIdentifier(Name)} (${columns.join(', ')}) WITH (${properties.join(', ')})`;
};

/** projection.<column>.* of Glue, as Trino's properties of the column. */
const projectionSql = (table: string, column: string, parameters: Readonly<Record<string, string>>): string => {
  const of = (name: string) => parameters[`projection.${column}.${name}`];
  const kind = of('type')?.trim().toUpperCase();
  if (kind === undefined) throw new RefusedStatement(`INVALID_TABLE_PROPERTY: Table ${table}: Expected projection.${column}.type, got none`);
  const texts = { type: kind, format: of('format'), interval_unit: of('interval.unit')?.toUpperCase() };
  const lists = { values: of('values'), range: of('range') };
  const numbers = { interval: of('interval'), digits: of('digits') };
  const property = (name: string, value: string) => `partition_projection_${name} = ${value}`;
  const some = (values: Readonly<Record<string, string | undefined>>, sql: (value: string) => string) =>
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [property(name, sql(value))]));
  return [...some(texts, quoteText), ...some(lists, (value) => array(value.split(',').map((item) => item.trim()))), ...some(numbers, (value) => value)].join(
    ', ',
  );
};
