import type { MetricDefinition, Node } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import { nodesOf } from '../definition/nodes.ts';
import { type SqlType, sqlType } from './types.ts';

export type FieldNode = Node & { op: 'field' };
export type ItemNode = Node & { op: 'item' };
/** A field of events' data: the same field may be read as several kinds. */
export type Field = Pick<FieldNode, 'path' | 'kind'>;
/** A field that parsed events have as a typed column. */
export interface FieldColumn {
  readonly path: readonly string[];
  readonly kind: Kind;
  readonly column: string;
}

/** What a definition says about fields. */
export type Reading = Pick<MetricDefinition, 'dimensions' | 'measures' | 'where' | 'each'>;

export const isSameField = (a: Field, b: Field): boolean => a.kind === b.kind && a.path.join('\0') === b.path.join('\0');

const distinct = <T extends Field>(fields: readonly T[]): T[] => {
  const found: T[] = [];
  for (const field of fields) if (!found.some((other) => isSameField(field, other))) found.push(field);
  return found;
};
/** The fields of events that a definition reads, each once; with the array whose items it counts. */
export const fieldsOf = (definition: Reading): FieldNode[] => {
  const { each } = definition;
  const array: FieldNode[] = each === undefined ? [] : [{ op: 'field', kind: 'array', path: each.path }];
  return distinct([...nodesOf(definition).filter((node) => node.op === 'field'), ...array]);
};
/** The fields of items that it reads. */
export const itemFieldsOf = (definition: Reading): ItemNode[] => distinct(nodesOf(definition).filter((node) => node.op === 'item'));

/** The same with the names that statements over a definition's events have for them. */
export const namedFields = (definition: Reading) => fieldsOf(definition).map(({ path, kind }, i) => ({ path, kind, as: `f${i}` }));

/** The column of a field by these names, or of an item's field, g0, g1 … */
export const fieldColumn = (definition: Reading) => {
  const [fields, items] = [fieldsOf(definition), itemFieldsOf(definition)];
  return (field: FieldNode | ItemNode): string => {
    const isField = field.op === 'field';
    return `${isField ? 'f' : 'g'}${(isField ? fields : items).findIndex((other) => isSameField(field, other))}`;
  };
};

/** The columns that fields can have, by their type: a table in a catalog names all of them, so that it does not depend on the pipeline. */
const POOLS = [
  { type: 'VARCHAR', prefix: 't', size: 40 },
  { type: 'BIGINT', prefix: 'i', size: 24 },
  { type: 'DOUBLE', prefix: 'd', size: 24 },
  { type: 'BOOLEAN', prefix: 'b', size: 16 },
] as const;
export const FIELD_COLUMNS: readonly { readonly name: string; readonly type: SqlType }[] = POOLS.flatMap(({ type, prefix, size }) =>
  Array.from({ length: size }, (_, i) => ({ name: `${prefix}${i}`, type })),
);

/** Gives each field that any of the definitions reads a column of its type. Those that find none are read from the events' data. */
export const fieldColumns = (definitions: readonly Reading[]): FieldColumn[] => {
  const fields: Field[] = [];
  for (const field of definitions.flatMap(fieldsOf)) if (!fields.some((other) => isSameField(field, other))) fields.push(field);
  return POOLS.flatMap(({ type, prefix, size }) =>
    fields
      .filter(({ kind }) => sqlType(kind) === type)
      .slice(0, size)
      .map(({ path, kind }, i) => ({ path, kind, column: `${prefix}${i}` })),
  );
};
