import type { CallOp, Node } from './definition.ts';
import { itemName } from './expression.ts';

const INFIX: Readonly<Partial<Record<CallOp, string>>> = {
  eq: '=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  and: 'and',
  or: 'or',
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
};

/** An expression as a person writes it: a field by its path, `status >= 500`, `lower(page)`. */
export const nodeText = (node: Node): string => {
  if (node.op === 'field') return node.path.join('.');
  if (node.op === 'item') return itemName(node);
  if (node.op === 'time') return 'time';
  if (node.op === 'const') return typeof node.value === 'string' ? `'${node.value}'` : String(node.value);
  if (node.op === 'lookup') return `lookup(${node.table}, ${nodeText(node.args[0])}).${node.column}`;
  const { op, args } = node;
  const sign = INFIX[op];
  if (sign !== undefined) return args.map(within).join(` ${sign} `);
  const [first, ...rest] = args.map(nodeText);
  if (op === 'not') return `not ${within(args[0] as Node)}`;
  if (op === 'in') return `${within(args[0] as Node)} in (${rest.join(', ')})`;
  if (op === 'exists') return `${first} has a value`;
  return `${op}(${[first, ...rest].join(', ')})`;
};
/** In parentheses if it has a sign itself. */
const within = (node: Node): string =>
  'args' in node && node.op !== 'lookup' && (INFIX[node.op] !== undefined || node.op === 'in') ? `(${nodeText(node)})` : nodeText(node);

/** What a measure takes of an event, and the condition of its own; null is none of it. */
export const valueText = (of: Node | null): { readonly value: string | null; readonly where: string | null } => {
  if (of === null || !('args' in of) || of.op !== 'where') return { value: of === null ? null : nodeText(of), where: null };
  const [condition, value] = of.args;
  return { value: value === undefined ? null : nodeText(value), where: condition === undefined ? null : nodeText(condition) };
};
