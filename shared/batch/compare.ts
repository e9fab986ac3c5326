import type { MetricDefinition } from '../definition/definition.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import { namedFields } from '../sql/fields.ts';
import { type Rules, speedCountSql } from '../sql/states.ts';
import { daysInPieces } from './chunks.ts';
import type { Journal } from './journal.ts';
import type { LookedUpEvents } from './looked-up-events.ts';
import type { Added } from './parse-new.ts';
import type { Events } from './parts.ts';

/** What speedCountSql counts. */
export interface Counted {
  readonly events: number;
  readonly late: number;
  readonly excluded: number;
  readonly restored: number;
}

/** Counts a metric's new events as the speed layer must have counted them, on any number of days. */
export const countNew = async (
  engine: SqlEngine,
  journal: Journal,
  events: Events,
  { metric, definition, lookedUp }: { metric: string; definition: MetricDefinition; lookedUp: LookedUpEvents },
  { parsed, runs, touched }: Added,
  fromMs: number,
  rules: Rules,
): Promise<Counted> => {
  const days = touched.filter(({ type }) => type === definition.event).map(({ day }) => day);
  const total = { events: 0, late: 0, excluded: 0, restored: 0 };
  for (const [i, some] of daysInPieces(days).entries()) {
    const [counted] = await journal.step(`compare ${metric} ${i}`, async (_, started) => {
      const relation = await events(parsed, { type: definition.event, days: some }, namedFields(definition), runs);
      const lookUp = await lookedUp(definition, some);
      return engine.rows(speedCountSql(engine.dialect, definition, relation, lookUp, fromMs, rules), started);
    });
    for (const name of ['events', 'late', 'excluded', 'restored'] as const) total[name] += Number(counted?.[name] ?? 0);
  }
  return total;
};
