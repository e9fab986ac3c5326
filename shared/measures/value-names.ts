import type { MeasureDefinition } from '../definition/definition.ts';
import { measureKind } from './registry.ts';
import { specOf } from './spec.ts';

/** What a measure's answer has as one value: itself, or sizes.p50 and the like; nothing of a list. */
export const valueNames = (measure: MeasureDefinition): readonly string[] => {
  const { name } = measure;
  const built = measureKind(measure.measure).build(specOf(measure));
  const nothing = built.present(built.zero());
  if (Array.isArray(nothing)) return [];
  return typeof nothing === 'object' && nothing !== null ? Object.keys(nothing).map((inner) => `${name}.${inner}`) : [name];
};

/** The names inside of a measure's answer, such as p50; none if it is one value or a list. */
export const innerNames = (measure: MeasureDefinition): readonly string[] =>
  valueNames(measure).flatMap((name) => (name === measure.name ? [] : name.slice(measure.name.length + 1)));

/** Those of its values that are numbers, as percentiles are. */
export const numberNames = (measure: MeasureDefinition): readonly string[] => {
  const isNumber = () => measureKind(measure.measure).answers(specOf(measure)).safeParse(1).success;
  return valueNames(measure).filter((name) => name !== measure.name || isNumber());
};
