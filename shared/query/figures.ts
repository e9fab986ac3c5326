import type { MetricDefinition } from '../definition/definition.ts';
import { compileMeasures, type NamedMeasure } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import { measureKind } from '../measures/registry.ts';
import { evaluateFormula } from './formulas.ts';
import type { Figure, Plan } from './plan.ts';
import { type Rational, rationalOf, toNumber, toText } from './rational.ts';

export type Values = Readonly<Record<string, Json>>;
type States = readonly unknown[] | null;

/** What states answer: measures by their own `present`, formulas computed from those, exactly, and rounded once. */
export const figures = ({ measures }: MetricDefinition, { reads, fill }: Pick<Plan, 'reads' | 'fill'>) => {
  const read: readonly NamedMeasure[] = compileMeasures(reads.flatMap((i) => measures[i] ?? []));
  const placeOf = new Map(read.map(({ name }, i) => [name, i]));
  /** For windows in which nothing came. */
  const nothing: readonly Json[] = reads.map((at, i) => {
    if (fill === 'null') return null;
    const { measure } = read[i] as NamedMeasure;
    const { whenEmpty = null } = measureKind(measures[at]?.measure ?? '');
    return measure.present(measure.zero()) ?? (fill === 'zero' ? whenEmpty : null);
  });
  const presented = (states: States, name: string): Json => {
    const i = placeOf.get(name) as number;
    return (states === null ? nothing[i] : read[i]?.measure.present(states[i])) ?? null;
  };
  const exactText = (states: States, name: string): string | null => {
    const i = placeOf.get(name) as number;
    return states === null ? null : (read[i]?.measure.exact?.(states[i]) ?? null);
  };
  const rational = (states: States, name: string, inner: string | null): Rational | null => {
    const exact = inner === null ? exactText(states, name) : null;
    if (exact !== null) return rationalOf(exact);
    const value = presented(states, name);
    const number = inner === null ? value : ((value as Values | null)?.[inner] ?? null);
    return typeof number === 'number' ? rationalOf(String(number)) : null;
  };
  const number = (figure: Figure, states: States): Json => {
    if (figure.kind === 'measure') return presented(states, figure.name);
    const value = evaluateFormula(figure.of, (name, inner) => rational(states, name, inner));
    return value === null ? null : toNumber(value);
  };
  const text = (figure: Figure, states: States): Json => {
    if (figure.kind === 'measure') return exactText(states, figure.name) ?? inText(presented(states, figure.name));
    const value = evaluateFormula(figure.of, (name, inner) => rational(states, name, inner));
    return value === null ? null : toText(value);
  };
  const all = (list: readonly Figure[], states: States, one: typeof number): Values =>
    Object.fromEntries(list.map((figure) => [figure.name, one(figure, states)]));
  /** What one layer added to the measures that add up; nothing is zero. */
  const parts = (list: readonly Figure[], splits: readonly number[], states: States, asText: boolean): Values =>
    Object.fromEntries(
      list.flatMap((figure) => {
        if (figure.kind !== 'measure' || !splits.includes(placeOf.get(figure.name) as number)) return [];
        const value = states === null ? null : (asText ? text : number)(figure, states);
        return [[figure.name, value ?? (asText ? '0' : 0)]];
      }),
    );
  return {
    measures: read,
    parts,
    numbers: (list: readonly Figure[], states: States): Values => all(list, states, number),
    /** Numbers as text, exact even if a number could not be. */
    texts: (list: readonly Figure[], states: States): Values => all(list, states, text),
  };
};
export type Figures = ReturnType<typeof figures>;

const inText = (value: Json): Json => {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(inText);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inText(inner)])) : value;
};

/** A value by the name of its figure, or a percentile by `sizes.p50`. */
export const valueAt = (values: Values, name: string): Json => {
  if (Object.hasOwn(values, name)) return values[name] ?? null;
  const dot = name.indexOf('.');
  const inner = dot < 0 ? null : values[name.slice(0, dot)];
  return (inner as Values | null | undefined)?.[name.slice(dot + 1)] ?? null;
};
