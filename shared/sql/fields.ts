import type { MetricDefinition, Node } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import { type SqlType, sqlType } from './types.ts';

export type FieldNode = Node & { op: 'field' };
/** A field of events' data: the same field may be read as several kinds. */
export type Field = Pick<FieldNode, 'path' | 'kind'>;
/** A field that parsed events have as a typed column. */
export interface FieldColumn {
  readonly path: readonly string[];
  readonly kind: Kind;
  readonly column: string;
}

/** What a definition says about fields. */
export type Reading = Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>;

export const isSameField = (a: Field, b: Field): boolean => a.kind === b.kind && a.path.join('\0') === b.path.join('\0');

/** The fields that a definition reads, each once. */
export const fieldsOf = ({ dimensions, measures, where }: Reading): FieldNode[] => {
  const found: FieldNode[] = [];
  const visit = (node: Node | null): void => {
    if (node === null) return;
    if (node.op === 'field' && !found.some((other) => isSameField(node, other))) found.push(node);
    if ('args' in node) node.args.forEach(visit);
  };
  for (const { of } of [...dimensions, ...measures]) visit(of);
  visit(where);
  return found;
};

/** The same with the names that statements over a definition's events have for them. */
export const namedFields = (definition: Reading) => fieldsOf(definition).map(({ path, kind }, i) => ({ path, kind, as: `f${i}` }));

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
