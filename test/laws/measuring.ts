import type { Scalar } from '../../shared/definition/definition.ts';
import type { Measure } from '../../shared/measures/measure.ts';
import { measureKind } from '../../shared/measures/registry.ts';

export const AT = { time: '2015-09-12T00:00:00.000Z', id: 'a' };
export const build = (name: string, kind: 'integer' | 'decimal' | 'float' | 'text', options: object = {}, scale = 0): Measure =>
  measureKind(name).build({ kind, scale, options });
export const addAll = (measure: Measure, values: readonly Scalar[]) => values.reduce<unknown>((state, value) => measure.add(state, value, AT), measure.zero());
const stored = (measure: Measure, state: unknown) => measure.decode(JSON.parse(JSON.stringify(measure.encode(state))));
/** Stored and merged again and again, as windows of windows are. */
export const inParts = (measure: Measure, values: readonly Scalar[], parts: number) =>
  Array.from({ length: parts }, (_, part) =>
    addAll(
      measure,
      values.filter((_, i) => i % parts === part),
    ),
  )
    .map((state) => stored(measure, state))
    .reduce((a, b) => stored(measure, measure.merge(a, b)));
