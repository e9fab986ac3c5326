import type { NamedMeasure } from '../fold/metric.ts';
import type { Group } from './gather.ts';

/** Notes on an answer's measures besides their values, by name; a part is missing if it has none. */
export interface Caveats {
  /** Measures with some number that is not the exact value. */
  readonly inexact: readonly string[];
  /** By how much a count of a `top` may be too low. */
  readonly undercounts?: Readonly<Record<string, number>>;
  /** How many values were out of range, and are in no answer. */
  readonly outOfRange?: Readonly<Record<string, number>>;
}

export const caveatsOf = (groups: readonly Group[], measures: readonly NamedMeasure[]): Caveats => {
  const undercounts: Record<string, number> = {};
  const outOfRange: Record<string, number> = {};
  const inexact = new Set<string>();
  for (const { states } of groups) {
    if (states === null) continue;
    for (const [i, { name, measure }] of measures.entries()) {
      const undercount = measure.undercount?.(states[i]) ?? 0;
      if (undercount > (undercounts[name] ?? 0)) undercounts[name] = undercount;
      const out = measure.outOfRange?.(states[i]) ?? 0;
      if (out > 0) outOfRange[name] = (outOfRange[name] ?? 0) + out;
      if (measure.isInexact?.(states[i])) inexact.add(name);
    }
  }
  return {
    inexact: [...inexact],
    ...(Object.keys(undercounts).length === 0 ? {} : { undercounts }),
    ...(Object.keys(outOfRange).length === 0 ? {} : { outOfRange }),
  };
};
