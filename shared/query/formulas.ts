import type { FormulaNode } from '../definition/formula.ts';
import { minus, over, plus, type Rational, rationalOf, times } from './rational.ts';

/**
 * A formula's value from the values of merged measures, computed exactly, to be rounded once; null if a value is missing, or for
 * a division by 0.
 */
export const evaluateFormula = (node: FormulaNode, numberOf: (name: string, inner: string | null) => Rational | null): Rational | null => {
  if (node.op === 'const') return rationalOf(String(node.value));
  if (node.op === 'measure') return numberOf(node.name, node.inner);
  const a = evaluateFormula(node.args[0], numberOf);
  const b = a === null ? null : evaluateFormula(node.args[1], numberOf);
  if (a === null || b === null) return null;
  switch (node.op) {
    case 'add':
      return plus(a, b);
    case 'sub':
      return minus(a, b);
    case 'mul':
      return times(a, b);
    case 'div':
      return over(a, b);
  }
};

/** The names of the measures that a formula reads. */
export const measuresIn = (node: FormulaNode): readonly string[] => {
  if (node.op === 'const') return [];
  return node.op === 'measure' ? [node.name] : [...measuresIn(node.args[0]), ...measuresIn(node.args[1])];
};
