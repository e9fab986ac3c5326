import type { MetricDefinition } from '../definition/definition.ts';
import { compileMeasures } from '../fold/metric.ts';
import { type SqlType, sqlType } from './types.ts';

/** Athena writes names in lower case whatever the query says, so every engine does; names differ by more than case. */
export const columnName = (name: string): string => name.toLowerCase();
/** The column of a measure's mergeable states. */
export const stateColumn = (measure: string): string => `_${columnName(measure)}`;

/** A column of batch views. */
export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly comment: string;
}
/** The columns of a metric's batch views. Answers read the keys and states; other tools may read the dimensions by name and the finished values. */
export const viewColumns = (definition: MetricDefinition): ViewColumn[] => {
  const measures = compileMeasures(definition.measures);
  return [
    { name: 'window_start', type: 'VARCHAR', comment: 'YYYY-MM-DDTHH:MM, UTC' },
    { name: 'group_key', type: 'VARCHAR', comment: 'JSON array of the dimensions' },
    { name: 'group_events', type: 'BIGINT', comment: 'events' },
    ...definition.dimensions.map(({ name, of }): ViewColumn => ({ name: columnName(name), type: sqlType(of.kind), comment: 'dimension' })),
    ...measures.flatMap(({ name, measure: { finished } }): ViewColumn[] =>
      finished === undefined ? [] : [{ name: columnName(name), type: finished.type, comment: 'value' }],
    ),
    ...measures.map(({ name }): ViewColumn => ({ name: stateColumn(name), type: 'VARCHAR', comment: 'mergeable state, JSON' })),
  ];
};
