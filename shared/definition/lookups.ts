import type { LookupNode, MetricDefinition, Node } from './definition.ts';

/** The lookups that a definition makes, each once. */
export const lookupsOf = ({ dimensions, measures, where }: Pick<MetricDefinition, 'dimensions' | 'measures' | 'where'>): LookupNode[] => {
  const found = new Map<string, LookupNode>();
  const visit = (node: Node | null): void => {
    if (node === null) return;
    if (node.op === 'lookup') found.set(JSON.stringify(node), node);
    if ('args' in node) node.args.forEach(visit);
  };
  for (const { of } of dimensions) visit(of);
  for (const { of, by } of measures) {
    visit(of);
    visit(by?.of ?? null);
  }
  visit(where);
  return [...found.values()];
};

/** Whether an expression reads reference data. */
export const looksUp = (node: Node): boolean => node.op === 'lookup' || ('args' in node && node.args.some(looksUp));
