import type { Kind } from '../definition/kinds.ts';

/** The types of columns, by the names that both engines know. */
export type SqlType = 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

/** The SQL type of a kind's column. */
export const sqlType = (kind: Kind): SqlType => TYPES[kind] ?? 'VARCHAR';
const TYPES: Partial<Record<Kind, SqlType>> = { integer: 'BIGINT', decimal: 'DOUBLE', float: 'DOUBLE', boolean: 'BOOLEAN' };
