import type { MetricDefinition } from '../definition/definition.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { type ReadField, readFields, unreadSql } from '../sql/unread.ts';

/** A field that has a value of another kind in stored events than the definition expects: it counts as missing there. */
export interface Unread extends ReadField {
  /** How many stored events have such a value. */
  readonly events: number;
}

/**
 * Fields of stored events that a definition cannot read, such as a boolean that is now declared as text.
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
