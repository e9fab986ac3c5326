import type { MetricDefinition } from '../definition/definition.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { type ReadField, readFields, unreadSql } from '../sql/unread.ts';

/** A field that stored events have with a value of another kind than the definition reads: it takes it for none. */
export interface Unread extends ReadField {
  /** How many stored events do. */
  readonly events: number;
}

/**
 * Which fields of stored events a definition does not read, such as a boolean that is declared as text since.
 * @param relations events of its type, some days each.
 */
export const unreadFields = async (
  engine: Pick<SqlEngine, 'dialect' | 'rows'>,
  definition: MetricDefinition,
  relations: readonly string[],
): Promise<Unread[]> => {
  const fields = readFields(definition);
  if (fields.length === 0) return [];
  const counts = fields.map(() => 0);
  for (const relation of relations) {
    const [row] = await engine.rows(unreadSql(engine.dialect, definition, relation));
    for (const i of counts.keys()) counts[i] = (counts[i] ?? 0) + Number(row?.[`u${i}`] ?? 0);
  }
  return fields.flatMap((field, i) => (counts[i] === 0 ? [] : [{ ...field, events: counts[i] as number }]));
};
