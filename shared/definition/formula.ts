/** A formula as plain JSON: arithmetic over measures of one metric, by their names. */
export type FormulaNode =
  /** `inner` names a percentile: p50. */
  | { readonly op: 'measure'; readonly name: string; readonly inner: string | null }
  | { readonly op: 'const'; readonly value: number }
  | { readonly op: FormulaOp; readonly args: readonly [FormulaNode, FormulaNode] };
export type FormulaOp = 'add' | 'sub' | 'mul' | 'div';

/** A formula of a metric: its name, and its arithmetic with other formulas written out. */
export interface NamedFormula {
  readonly name: string;
  readonly of: FormulaNode;
}

/** A formula as written in `pipeline.ts`. For the compiler: the names that it reads. */
export interface Formula<Reads = unknown> {
  readonly formula: FormulaOp;
  readonly args: readonly [Operand, Operand];
  readonly reads?: Reads;
}
/** The name of a measure or of another formula, `sizes.p50` for a percentile, a number, or a formula. */
export type Operand = string | number | Formula;
type ReadsOf<A> = A extends string ? A : A extends Formula<infer Reads> ? Reads : never;

export const isFormula = (value: unknown): value is Formula => typeof value === 'object' && value !== null && 'formula' in value && 'args' in value;

/** What the compiler and `add`, `sub`, `mul`, `div` know of it. */
export type FormulaOf<A, B> = Formula<ReadsOf<A> | ReadsOf<B>>;
export const formulaOf = <A, B>(op: FormulaOp, a: A, b: B): FormulaOf<A, B> => ({ formula: op, args: [a as Operand, b as Operand] });

/**
 * A part of a whole, of merged measures: errors per request. Null if there is no whole.
 * @example formulas: { errorRate: ratio('errors', 'requests') }
 */
export const ratio = <const A extends Operand, const B extends Operand>(a: A, b: B): FormulaOf<A, B> => formulaOf('div', a, b);

const SIGNS: Readonly<Record<FormulaOp, string>> = { add: '+', sub: '-', mul: '*', div: '/' };

/** A formula in the usual notation: errors / (requests + 1). */
export const formulaText = (node: FormulaNode): string => {
  if (node.op === 'const') return String(node.value);
  if (node.op === 'measure') return node.inner === null ? node.name : `${node.name}.${node.inner}`;
  const inner = (arg: FormulaNode) => ('args' in arg ? `(${formulaText(arg)})` : formulaText(arg));
  return `${inner(node.args[0])} ${SIGNS[node.op]} ${inner(node.args[1])}`;
};
