import { type MeasureDefinition, scaleOfMeasure } from '../definition/definition.ts';
import type { MeasureSpec } from './measure.ts';

/** What a definition fixes of a measure. */
export const specOf = ({ of, options, by }: MeasureDefinition): MeasureSpec<Readonly<Record<string, unknown>>> => ({
  kind: of?.kind ?? null,
  scale: scaleOfMeasure(of, options),
  options,
  ...(by === undefined ? {} : { by: { kind: by.of.kind, scale: scaleOfMeasure(by.of, by.options) } }),
});
