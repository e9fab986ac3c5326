import type { NamedMetric } from '../definition/define.ts';
import { formulaText } from '../definition/formula.ts';
import { measureKind } from '../measures/registry.ts';
import { EVERY } from '../request/steps.ts';

/** A metric as GET /metrics shows it. */
export const describeMetric = ({ name, hash, definition, formulas }: NamedMetric) => ({
  name,
  definition: hash,
  event: definition.event,
  window: definition.window,
  every: EVERY.slice(EVERY.indexOf(definition.window)),
  dimensions: definition.dimensions.map((dimension) => ({ name: dimension.name, kind: dimension.of.kind })),
  measures: definition.measures.map((measure) => {
    const { standardError, errorBound } = measureKind(measure.measure);
    return {
      name: measure.name,
      kind: measure.measure,
      ...(measure.of === null ? {} : { of: measure.of.kind }),
      ...(standardError === undefined ? {} : { standardError }),
      ...(errorBound === undefined ? {} : { errorBound }),
    };
  }),
  ...(formulas.length === 0 ? {} : { formulas: formulas.map((formula) => ({ name: formula.name, of: formulaText(formula.of) })) }),
});
