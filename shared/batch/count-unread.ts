import type { MetricDefinition } from '../definition/definition.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { namedFields } from '../sql/fields.ts';
import { readFields, unreadItemsSql, unreadSql } from '../sql/unread.ts';
import { daysInPieces } from './chunks.ts';
import type { Events, Parsed } from './parts.ts';
import type { Unread } from './unread.ts';

/** Fields of stored events that a definition cannot read, such as a boolean that is now declared as text. */
export const unreadFields = async (
  engine: Pick<SqlEngine, 'dialect' | 'rows'>,
  events: Events,
  parsed: Parsed,
  definition: MetricDefinition,
  days: readonly string[],
): Promise<Unread[]> => {
  const fields = readFields(definition);
  if (fields.length === 0) return [];
  const named = namedFields(definition);
  const counts = fields.map(() => 0);
  for (const some of daysInPieces(days)) {
    const relation = await events(parsed, { type: definition.event, days: some }, named);
    const ofItems = unreadItemsSql(engine.dialect, definition, relation);
    const [own] = named.length === 0 ? [] : await engine.rows(unreadSql(engine.dialect, definition, relation));
    const [items] = ofItems === null ? [] : await engine.rows(ofItems);
    for (const i of counts.keys()) counts[i] = (counts[i] ?? 0) + Number((i < named.length ? own?.[`u${i}`] : items?.[`u${i - named.length}`]) ?? 0);
  }
  return fields.flatMap((field, i) => (counts[i] === 0 ? [] : [{ ...field, events: counts[i] as number }]));
};
