import type { LookupNode, MetricDefinition, Node } from './definition.ts';
import { nodesOf } from './nodes.ts';

/** The lookups that a definition makes, each once. */
export const lookupsOf = (definition: Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>): LookupNode[] => {
  const lookups = nodesOf(definition).filter((node) => node.op === 'lookup');
  return [...new Map(lookups.map((node) => [JSON.stringify(node), node])).values()];
};

/** Whether an expression reads reference data. */
export const looksUp = (node: Node): boolean => node.op === 'lookup' || ('args' in node && node.args.some(looksUp));
