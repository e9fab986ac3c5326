import type { LookupNode, Node } from '../definition/definition.ts';
import { type Kind, MAX_DOUBLE } from '../definition/kinds.ts';
import { operators } from '../operators/registry.ts';
import { type Dialect, double, quoteText } from './dialect.ts';
import type { FieldNode, ItemNode } from './fields.ts';

const INTEGER = '-?[0-9]{1,16}';
const DOUBLE = '-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?';

/**
 * A typed value from the JSON text of a field, NULL if the text is of another kind. It is matched before it is cast,
 * because engines cast differently: '1.5' to BIGINT is 2 in one and an error in the other.
 */
export const fieldSql = (dialect: Dialect, json: string, kind: Kind): string => {
  switch (kind) {
    case 'integer': {
      const value = `CAST(${json} AS BIGINT)`;
      return `CASE WHEN ${dialect.matches(json, INTEGER)} THEN CASE WHEN abs(${value}) <= ${Number.MAX_SAFE_INTEGER} THEN ${value} END END`;
    }
    case 'decimal':
    case 'float': {
      const value = `TRY_CAST(${json} AS DOUBLE)`;
      return `CASE WHEN ${dialect.matches(json, DOUBLE)} THEN CASE WHEN abs(${value}) <= ${double(MAX_DOUBLE)} THEN ${value} END END`;
    }
    case 'array':
      return `CASE WHEN starts_with(${json}, '[') THEN ${json} END`;
    case 'boolean':
      return `CASE ${json} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    default:
      return `CASE WHEN starts_with(${json}, '"') THEN CASE WHEN ${dialect.hasEscapes(json)} THEN ${dialect.unquote(json)} ELSE substr(${json}, 2, length(${json}) - 2) END END`;
  }
};

const constant = (value: string | number | boolean, kind: Kind): string => {
  if (typeof value === 'string') return quoteText(value);
  if (kind === 'float' || kind === 'decimal') return double(Number(value));
  return String(value);
};

/** Compiles an expression over columns: `column` names the column of a field, of the event or of an item, or of a lookup. Constants come from the pipeline, never from a request. */
export const expressionSql = (dialect: Dialect, node: Node, column: (of: FieldNode | ItemNode | LookupNode) => string): string => {
  switch (node.op) {
    case 'const':
      return constant(node.value, node.kind);
    case 'time':
      return 'time';
    case 'field':
    case 'item':
    case 'lookup':
      return column(node);
    default: {
      const [first, ...rest] = node.args.map((arg) => expressionSql(dialect, arg, column));
      return operators[node.op].sql(dialect, [first ?? 'NULL', ...rest], node);
    }
  }
};
