import type { Condition } from '../definition/condition.ts';
import type { Scalar } from '../definition/definition.ts';
import type { Kind } from '../definition/kinds.ts';
import { type Dialect, double } from './dialect.ts';

/** A value of a request as a literal. Text is only ever there as hexadecimal digits. */
export const literalSql = (dialect: Dialect, value: Scalar, kind: Kind): string => {
  if (typeof value === 'string') return dialect.utf8(Buffer.from(value).toString('hex'));
  if (typeof value === 'boolean') return String(value);
  return kind === 'integer' ? BigInt(value).toString() : double(value);
};

/** Whether the value in a column meets a condition: never NULL. */
export const conditionSql = (dialect: Dialect, column: string, kind: Kind, condition: Condition): string => {
  const literals = (values: readonly Scalar[]) => values.map((value) => literalSql(dialect, value, kind)).join(', ');
  const some = (values: readonly string[], holds: (literal: string) => string) =>
    `coalesce(${values.map((value) => (value === '' ? `${column} IS NOT NULL` : holds(literalSql(dialect, value, kind)))).join(' OR ')}, false)`;
  switch (condition.op) {
    case 'in':
      return `coalesce(${column} IN (${literals(condition.values)}), false)`;
    case 'not':
      return `coalesce(${column} NOT IN (${literals(condition.values)}), true)`;
    case 'prefix':
      return some(condition.values, (part) => `starts_with(${column}, ${part})`);
    case 'contains':
      return some(condition.values, (part) => `strpos(${column}, ${part}) > 0`);
    case 'gte':
      return `coalesce(${column} >= ${literalSql(dialect, condition.bound, kind)}, false)`;
    case 'lt':
      return `coalesce(${column} < ${literalSql(dialect, condition.bound, kind)}, false)`;
    case 'is':
      return `${column} IS ${condition.value === 'null' ? '' : 'NOT '}NULL`;
  }
};
