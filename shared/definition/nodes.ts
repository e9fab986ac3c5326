import type { MetricDefinition, Node } from './definition.ts';

/** The expressions of a definition and of their arguments, all of them. */
export const nodesOf = ({ dimensions, measures, where }: Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>): Node[] => {
  const within = (node: Node | null): Node[] => (node === null ? [] : [node, ...('args' in node ? node.args.flatMap(within) : [])]);
  return [...dimensions.map(({ of }) => of), ...measures.flatMap(({ of, by }) => [of, by?.of ?? null]), where].flatMap(within);
};
