import { refuse } from './define-parts.ts';
import type { MetricDefinition, Node } from './definition.ts';
import { looksUp, lookupsOf } from './lookups.ts';

/** Whoever folds holds all tables in memory. */
const MOST_TABLES = 8;

export const refuseTables = (metrics: readonly MetricDefinition[]): void => {
  const tables = new Set(metrics.flatMap((definition) => lookupsOf(definition).map(({ table }) => table)));
  if (tables.size > MOST_TABLES)
    refuse('pipeline', `Expected lookups of at most ${MOST_TABLES} tables, got ${tables.size}`, 'put columns with the same key into one table');
};

/** For entities. */
export const refuseLookups = (where: string, nodes: readonly (Node | null)[]): void => {
  if (nodes.some((node) => node !== null && looksUp(node)))
    refuse(where, 'Expected what its events say, got a lookup: entities are not computed again when reference data change', 'look it up in a metric');
};
