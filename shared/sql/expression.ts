import type { CallOp, Node } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import { LOWER, UPPER } from '../definition/text.ts';
import { MAX_DOUBLE, URL_HOST, UTC_TIME } from '../fold/evaluate.ts';
import { type Dialect, quoteText } from './dialect.ts';

const INTEGER = '-?[0-9]{1,16}';
const DOUBLE = '-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?';

/** The SQL type of a kind's column. */
export const sqlType = (kind: Kind): string => ({ integer: 'BIGINT', decimal: 'DOUBLE', float: 'DOUBLE', boolean: 'BOOLEAN' })[kind as string] ?? 'VARCHAR';

/**
 * A typed value from the JSON text of a field, NULL if the text is of another kind. It is matched before it is cast,
 * because engines cast differently: '1.5' to BIGINT is 2 in one and an error in the other.
 */
export const fieldSql = (dialect: Dialect, json: string, kind: Kind): string => {
  switch (kind) {
    case 'integer': {
      const value = `CASE WHEN ${dialect.matches(json, INTEGER)} THEN CAST(${json} AS BIGINT) END`;
      return `CASE WHEN abs(${value}) <= ${Number.MAX_SAFE_INTEGER} THEN ${value} END`;
    }
    case 'decimal':
    case 'float': {
      const value = `CASE WHEN ${dialect.matches(json, DOUBLE)} THEN TRY_CAST(${json} AS DOUBLE) END`;
      return `CASE WHEN abs(${value}) <= ${MAX_DOUBLE.toExponential().replace('+', '')} THEN ${value} END`;
    }
    case 'boolean':
      return `CASE ${json} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    default:
      return `CASE WHEN substr(${json}, 1, 1) = '"' THEN ${dialect.unquote(json)} END`;
  }
};

const lower = (text: string) => `translate(${text}, ${quoteText(UPPER)}, ${quoteText(LOWER)})`;
const ifTime = (dialect: Dialect, text: string, then: string) => `CASE WHEN ${dialect.matches(text, UTC_TIME)} THEN ${then} END`;

type Call = (dialect: Dialect, args: readonly [string, ...string[]]) => string;
const infix =
  (operator: string): Call =>
  (_, args) =>
    `(${args.join(` ${operator} `)})`;
const calls: Record<CallOp, Call> = {
  eq: infix('='),
  gt: infix('>'),
  gte: infix('>='),
  lt: infix('<'),
  lte: infix('<='),
  and: infix('AND'),
  or: infix('OR'),
  in: (_, [a, ...list]) => `(${a} IN (${list.join(', ')}))`,
  exists: (_, [a]) => `(${a} IS NOT NULL)`,
  not: (_, [a]) => `(NOT ${a})`,
  coalesce: (_, args) => `coalesce(${args.join(', ')})`,
  lower: (_, [a]) => lower(a),
  urlHost: (dialect, [a]) => lower(dialect.secondGroup(a, URL_HOST)),
  hourOf: (dialect, [a]) => ifTime(dialect, a, `CAST(substr(${a}, 12, 2) AS BIGINT)`),
  monthOf: (dialect, [a]) => ifTime(dialect, a, `CAST(substr(${a}, 6, 2) AS BIGINT)`),
  dateOf: (dialect, [a]) => ifTime(dialect, a, `substr(${a}, 1, 10)`),
  weekdayOf: (dialect, [a]) => ifTime(dialect, a, `CAST(${dialect.weekday(`TRY_CAST(substr(${a}, 1, 10) AS DATE)`)} AS BIGINT)`),
};

const constant = (value: string | number | boolean, kind: Kind): string => {
  if (typeof value === 'string') return quoteText(value);
  if (kind === 'float' || kind === 'decimal') return Number(value).toExponential().replace('+', '');
  return String(value);
};

/** Compiles an expression over columns: `column` names the column of a field. Constants come from the pipeline, never from a request. */
export const expressionSql = (dialect: Dialect, node: Node, column: (field: Node & { op: 'field' }) => string): string => {
  switch (node.op) {
    case 'const':
      return constant(node.value, node.kind);
    case 'time':
      return 'time';
    case 'field':
      return column(node);
    default: {
      const [first, ...rest] = node.args.map((arg) => expressionSql(dialect, arg, column));
      return calls[node.op](dialect, [first ?? 'NULL', ...rest]);
    }
  }
};
