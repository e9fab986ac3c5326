import { numberNames } from '../measures/value-names.ts';
import { refuse } from './define-parts.ts';
import type { MeasureDefinition } from './definition.ts';
import { type FormulaNode, type FormulaOp, isFormula, type NamedFormula } from './formula.ts';
import { listed, nearest, shown } from './mistakes.ts';

const OPS: readonly FormulaOp[] = ['add', 'sub', 'mul', 'div'];
const MAX_FORMULAS = 32;
/** Formulas that are written out into each other would grow without bound. */
const MAX_OPERATIONS = 100;

/**
 * Checks a metric's formulas: each reads numbers of its measures, or other formulas, and none reads itself.
 * @throws {DefinitionError}
 */
export const formulaDefinitions = (where: string, formulas: unknown, measures: readonly MeasureDefinition[]): readonly NamedFormula[] => {
  if (formulas === undefined) return [];
  if (typeof formulas !== 'object' || formulas === null)
    return refuse(where, `formulas: Expected formulas by name, got ${shown(formulas)}`, "write formulas: { rate: ratio('errors', 'requests') }");
  const declared: Readonly<Record<string, unknown>> = { ...formulas };
  const names = Object.keys(declared);
  if (names.length > MAX_FORMULAS) refuse(where, `Expected at most ${MAX_FORMULAS} formulas, got ${names.length}`, 'split the metric');
  const numbers = measures.flatMap(numbersOf);
  const readable = [...numbers.map(({ text }) => text), ...names];

  const nodeOf = (name: string, part: unknown, within: readonly string[]): FormulaNode => {
    const at = `${where}, formula '${name}'`;
    if (typeof part === 'number') {
      if (!Number.isFinite(part)) refuse(at, `Expected a finite number, got ${part}`, 'write another number');
      return { op: 'const', value: part };
    }
    if (typeof part === 'string') {
      const number = numbers.find(({ text }) => text === part);
      if (number !== undefined) return number.node;
      if (Object.hasOwn(declared, part)) {
        if (within.includes(part)) refuse(at, `Expected formulas that do not read themselves, got ${[...within, part].join(' > ')}`, 'read measures');
        return nodeOf(part, declared[part], [...within, part]);
      }
      return refuse(at, ...unreadable(part, measures, readable));
    }
    if (!isFormula(part) || !OPS.includes(part.formula) || !Array.isArray(part.args) || part.args.length !== 2)
      return refuse(at, `Expected a formula, the name of a measure or a number, got ${shown(part)}`, "write one such as ratio('errors', 'requests')");
    if (++operations > MAX_OPERATIONS)
      refuse(`${where}, formula '${within[0]}'`, `Expected at most ${MAX_OPERATIONS} operations, got more`, 'write it shorter');
    return { op: part.formula, args: [nodeOf(name, part.args[0], within), nodeOf(name, part.args[1], within)] };
  };
  let operations = 0;
  return names.map((name) => {
    const given = declared[name];
    if (!isFormula(given)) refuse(`${where}, formula '${name}'`, `Expected a formula, got ${shown(given)}`, "write one such as ratio('errors', 'requests')");
    operations = 0;
    return { name, of: nodeOf(name, given, [name]) };
  });
};

const numbersOf = (measure: MeasureDefinition): { readonly text: string; readonly node: FormulaNode }[] => {
  const { name } = measure;
  return numberNames(measure).map((text) => ({ text, node: { op: 'measure', name, inner: text === name ? null : text.slice(name.length + 1) } }));
};

const unreadable = (name: string, measures: readonly MeasureDefinition[], readable: readonly string[]): [what: string, fix: string] => {
  const measure = measures.find((one) => one.name === name);
  if (measure !== undefined) {
    const inner = readable.filter((one) => one.startsWith(`${name}.`));
    return [
      `Expected a measure with numbers, '${name}' is ${measure.measure}${measure.of === null ? '' : ` of ${measure.of.kind}`}`,
      inner.length === 0 ? 'take another measure' : `write one of ${inner.map((one) => `'${one}'`).join(', ')}`,
    ];
  }
  const meant = nearest(name, readable);
  return [`Expected one of its measures or formulas (${listed(readable)}), got '${name}'`, meant === null ? 'take one of these' : `write '${meant}'`];
};
