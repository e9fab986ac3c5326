import type { NamedMetric } from '../definition/define.ts';
import type { MeasureDefinition, Ranking } from '../definition/definition.ts';
import { formulaText } from '../definition/formula.ts';
import { nodeText, valueText } from '../definition/node-text.ts';
import { measureKind } from '../measures/registry.ts';
import { specOf } from '../measures/spec.ts';
import { EVERY } from '../request/steps.ts';

/** A metric as GET /metrics shows it. */
export const describeMetric = ({ name, hash, definition, formulas }: NamedMetric) => ({
  name,
  definition: hash,
  event: definition.event,
  ...(definition.each === undefined ? {} : { each: definition.each.path.join('.') }),
  window: definition.window,
  every: EVERY.slice(EVERY.indexOf(definition.window)),
  ...(definition.where === null ? {} : { where: nodeText(definition.where) }),
  dimensions: definition.dimensions.map((dimension) => ({ name: dimension.name, kind: dimension.of.kind, value: nodeText(dimension.of) })),
  measures: definition.measures.map((measure) => {
    const { standardError, errorBound, addsUp } = measureKind(measure.measure);
    const { value, where } = valueText(measure.of);
    return {
      name: measure.name,
      kind: measure.measure,
      ...(measure.of === null ? {} : { of: measure.of.kind }),
      ...(value === null ? {} : { value }),
      ...(where === null ? {} : { where }),
      ...(measure.by === undefined ? {} : { by: rankingText(measure.by) }),
      error: errorOf(measure),
      ...(addsUp === true ? { addsUp } : {}),
      ...(standardError === undefined ? {} : { standardError }),
      ...(errorBound === undefined ? {} : { errorBound }),
    };
  }),
  ...(formulas.length === 0 ? {} : { formulas: formulas.map((formula) => ({ name: formula.name, of: formulaText(formula.of) })) }),
});

const rankingText = ({ measure, of }: Ranking): string => {
  const { value, where } = valueText(of);
  return `${measure}(${value})${where === null ? '' : ` where ${where}`}`;
};

/** How far answers may be from the exact value. */
export const ERRORS = ['exact', 'rounded', 'estimated', 'exact-or-estimated', 'undercounted'] as const;
const errorOf = (definition: MeasureDefinition): (typeof ERRORS)[number] => {
  const { standardError, errorBound, build } = measureKind(definition.measure);
  const { isEstimate, undercount } = build(specOf(definition));
  if (standardError !== undefined) return isEstimate === undefined ? 'estimated' : 'exact-or-estimated';
  return errorBound !== undefined ? 'rounded' : undercount !== undefined ? 'undercounted' : 'exact';
};
