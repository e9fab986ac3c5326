import type { CallOp, Node, Scalar } from './definition.ts';
import { type Expression, expressionOf, type KindOfExpression, type Meaning, made, meaningOf, nameOf } from './expression.ts';
import { decimalLimit, type Kind, type Simple } from './kinds.ts';
import type { Mistake } from './mistakes.ts';

/** An argument: an expression, or a constant, which belongs to no event. */
export type Part = Meaning | { readonly node: Node; readonly event: null };
export interface Result {
  readonly kind: Simple;
  readonly scale?: number | undefined;
  /** Its arguments, if they are not taken as they were given. */
  readonly args?: readonly Node[];
}
/** What is wrong, and how to fix it. */
export type Refusal = readonly [what: string, fix: string];

export const isNumeric = (kind: Kind) => kind === 'integer' || kind === 'decimal' || kind === 'float';
export const SIMPLE: readonly Kind[] = ['integer', 'decimal', 'float', 'text', 'boolean'];
export const NUMERIC: readonly Kind[] = ['integer', 'decimal', 'float'];

const kindOfScalar = (value: Scalar): Simple =>
  typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : Number.isSafeInteger(value) ? 'integer' : 'float';
const isConstant = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
export const partOf = (op: string, given: unknown): Part =>
  isConstant(given) ? { node: { op: 'const', kind: kindOfScalar(given), value: given }, event: null } : meaningOf(`${op}: `, given);

/**
 * Makes an expression from arguments, or from the first mistake among them. `resultOf` gives the kind of the result, or refuses.
 * E is what the caller's types promise about that result.
 */
export const call = <E extends Expression>(op: CallOp, parts: readonly Part[], resultOf: (nodes: readonly Node[]) => Result | Refusal): E => {
  const event = parts.find((part) => part.event !== null)?.event ?? null;
  const mistaken = (mistake: Mistake): Meaning => ({ mistake, event });
  const refused = ([what, fix]: Refusal) => mistaken(() => ({ what: `${op}${what}`, fix }));
  const meaning = (): Meaning => {
    const nodes: Node[] = [];
    for (const part of parts) {
      if ('mistake' in part) return mistaken(part.mistake);
      nodes.push(part.node);
    }
    if (event === null) return refused([`: Expected at least one field, got ${nodes.map(nameOf).join(', ') || 'nothing'}`, 'give it a field of the event']);
    if (parts.some((part) => part.event !== null && part.event !== event))
      return refused([`: Expected fields of one event, got fields of two: ${nodes.map(nameOf).join(', ')}`, "take fields of the metric's own event"]);
    const result = resultOf(nodes);
    if (!('kind' in result)) return refused(result);
    const { kind, scale, args = nodes } = result;
    return { node: { op, kind, ...(scale === undefined ? {} : { scale }), args }, event };
  };
  const found = meaning();
  return made(expressionOf(found), found) as E;
};

export const taking =
  (kinds: readonly Kind[], words: string, yields: Simple) =>
  (nodes: readonly Node[]): Result | Refusal => {
    const other = nodes.find(({ kind }) => !kinds.includes(kind));
    return other === undefined ? { kind: yields } : [` takes ${words}; ${nameOf(other)} is ${other.kind}`, 'take another field, or change its schema'];
  };

export const scaleOf = (node: Node): number | undefined => ('scale' in node ? node.scale : undefined);
/** For error texts. */
export const kindText = (node: Node): string => (node.kind === 'decimal' ? `decimal(${scaleOf(node)})` : node.kind);

/** The kind of an argument that may be a constant. */
export type KindOfArgument<A> = A extends string
  ? 'text'
  : A extends boolean
    ? 'boolean'
    : A extends number
      ? `${A}` extends `${bigint}`
        ? 'integer'
        : 'decimal'
      : KindOfExpression<A>;
/** The kind that numbers of these kinds have in common. */
export type Joined<K extends Kind> = 'float' extends K ? 'float' : 'decimal' extends K ? 'decimal' : K;

/**
 * A constant with a fraction as a decimal of as many places as it is written with, so that prices times 0.19 stay exact. Null if
 * it has more than 9.
 */
const asDecimal = (node: Node): Node | null => {
  if (node.op !== 'const' || node.kind !== 'float' || typeof node.value !== 'number') return node;
  const { value } = node;
  for (let scale = 0; scale <= 9; scale++)
    if (Number(value.toFixed(scale)) === value && Math.abs(value) <= decimalLimit(scale)) return { op: 'const', kind: 'decimal', scale, value };
  return null;
};

/** Numbers as the kind that they have in common: floats if one is a float, else decimals of the largest scale, else integers. */
export const joined = (nodes: readonly Node[]): (Required<Pick<Result, 'kind' | 'args'>> & { readonly scale?: number }) | Refusal => {
  if (nodes.some((node) => node.kind === 'float' && node.op !== 'const')) return { kind: 'float', args: nodes };
  const args: Node[] = [];
  for (const node of nodes) {
    const decimal = asDecimal(node);
    if (decimal === null) return [`: Expected a constant of at most 9 decimals, got ${nameOf(node)}`, 'write fewer digits, or make the field a z.number()'];
    args.push(decimal);
  }
  if (args.every(({ kind }) => kind === 'integer')) return { kind: 'integer', args };
  return { kind: 'decimal', scale: Math.max(...args.map((node) => scaleOf(node) ?? 0)), args };
};

/** Makes a call of one text. */
export const ofText = <K extends 'text' | 'integer', V, R>(op: CallOp, kind: K, a: unknown): Expression<K, V, R> =>
  call(op, [meaningOf(`${op}: `, a)], taking(['text'], 'text', kind));
