import type { NamedMetric, Pipeline } from '../definition/define.ts';
import type { MetricDefinition, Node } from '../definition/definition.ts';
import { type Kind, shapeOf } from '../definition/kinds.ts';
import { nodesOf } from '../definition/nodes.ts';
import { WINDOW_MS } from '../definition/windows.ts';

/** What is read of a field; nothing of one that no metric reads. */
export const READ = { nothing: 0, text: 1, number: 2, boolean: 3 } as const;
export interface PlannedField {
  readonly name: string;
  readonly read: (typeof READ)[keyof typeof READ];
  /** Its number among those that are read. */
  readonly column: number;
}
/** What determines the group of an event in a metric: its window, and these fields or its whole time. */
export interface PlannedMetric {
  readonly metric: NamedMetric;
  readonly minutes: number;
  readonly columns: readonly (number | 'time')[];
}
/** How the kernel takes the events of a type. */
export interface PlannedType {
  readonly type: string;
  /** In the order of the schema, in which events usually have them. */
  readonly fields: readonly PlannedField[];
  readonly metrics: readonly PlannedMetric[];
}
export interface KernelLimits {
  readonly columns: number;
  readonly metrics: number;
}

/** Names of a schema that are known to the plan, so that they are found where they are expected; others are skipped. */
const MAX_NAMES = 256;
/** How long a name in the plan is at most. */
const MAX_NAME_LENGTH = 128;

/** What the kernel does for a pipeline's event types, or why it leaves one to the general path. */
export const planOf = (pipeline: Pick<Pipeline, 'events' | 'metrics'>, limits: KernelLimits): ReadonlyMap<string, PlannedType | string> =>
  new Map(
    Object.entries(pipeline.events).map(([type, { schema }]) => {
      const metrics = Object.values(pipeline.metrics).filter(({ definition }) => definition.event === type);
      const reason = metrics.map((metric) => unknownIn(metric)).find((one) => one !== null);
      return [type, reason ?? plannedType(type, Object.keys(shapeOf(schema) ?? {}), metrics, limits)];
    }),
  );

const plannedType = (type: string, names: readonly string[], metrics: readonly NamedMetric[], limits: KernelLimits): PlannedType | string => {
  const kinds = new Map(metrics.flatMap(({ definition }) => nodesOf(definition).flatMap(fieldsIn)));
  const wanted = [...kinds].flatMap(([name, kind]) => (howTo(kind) === READ.nothing ? [] : [name]));
  if (wanted.length > limits.columns) return `its metrics read ${wanted.length} fields; the kernel reads ${limits.columns} at most`;
  if (metrics.length > limits.metrics) return `it has ${metrics.length} metrics; the kernel takes ${limits.metrics} at most`;
  if (wanted.some((name) => name.length > MAX_NAME_LENGTH)) return `it has a field with a name of more than ${MAX_NAME_LENGTH} characters`;
  const others = names.filter((name) => !wanted.includes(name) && name.length <= MAX_NAME_LENGTH).slice(0, MAX_NAMES);
  const known = new Set([...wanted, ...others]);
  const ordered = [...names.filter((name) => known.has(name)), ...wanted.filter((name) => !names.includes(name))];
  return {
    type,
    fields: ordered.map((name) => ({ name, read: howTo(kinds.get(name) ?? 'other'), column: Math.max(0, wanted.indexOf(name)) })),
    metrics: metrics.map((metric) => ({
      metric,
      minutes: WINDOW_MS[metric.definition.window] / 60_000,
      columns: determining(metric.definition, (name) => wanted.indexOf(name)),
    })),
  };
};

const fieldsIn = (node: Node): readonly (readonly [string, Kind])[] => (node.op === 'field' && node.path[0] !== undefined ? [[node.path[0], node.kind]] : []);

const howTo = (kind: Kind): PlannedField['read'] => {
  switch (kind) {
    case 'text':
    case 'boolean':
      return READ[kind];
    case 'integer':
    case 'decimal':
    case 'float':
      return READ.number;
    default:
      return READ.nothing;
  }
};

/** What a group's key and its condition are computed of. */
const determiningNodes = ({ dimensions, where }: MetricDefinition): Node[] => nodesOf({ dimensions, where, measures: [] });
const determining = (definition: MetricDefinition, columnOf: (name: string) => number): (number | 'time')[] => {
  const columns = determiningNodes(definition).flatMap((node): (number | 'time')[] =>
    node.op === 'time' ? ['time'] : fieldsIn(node).flatMap(([name]) => (columnOf(name) < 0 ? [] : [columnOf(name)])),
  );
  return [...new Set(columns)];
};

/** Their results may not fit, and each that does not is counted: so they are computed for each event. */
const ARITHMETIC: readonly string[] = ['add', 'sub', 'mul', 'div', 'round', 'floor'];

/** What of a metric the kernel does not know; null if it knows all. */
const unknownIn = ({ name, definition }: NamedMetric): string | null => {
  if (definition.each !== undefined) return `metric '${name}' counts items`;
  for (const node of nodesOf(definition)) {
    if (node.op === 'lookup') return `metric '${name}' looks up '${node.table}'`;
    if (node.op === 'field' && node.path.length > 1) return `metric '${name}' reads the nested field '${node.path.join('.')}'`;
  }
  const computed = determiningNodes(definition).find(({ op }) => ARITHMETIC.includes(op));
  return computed === undefined ? null : `a dimension or the condition of metric '${name}' is computed (${computed.op})`;
};
