import { countKind } from './count.ts';
import { distinctKind } from './distinct.ts';
import { firstKind } from './first.ts';
import { histogramKind } from './histogram.ts';
import { latestKind } from './latest.ts';
import { maxKind } from './max.ts';
import { meanKind } from './mean.ts';
import type { MeasureKind } from './measure.ts';
import { minKind } from './min.ts';
import { quantilesKind } from './quantiles.ts';
import { stddevKind } from './stddev.ts';
import { sumKind } from './sum.ts';
import { topKind } from './top.ts';
import { uniquesKind } from './uniques.ts';
import { varianceKind } from './variance.ts';

/** Hides the types of states and options, which only a measure's own file knows. Callers only pass on states and options that they got from it. */
const kind = <S, O>(of: MeasureKind<S, O>): MeasureKind => of as unknown as MeasureKind;

/** Every measure. */
export const registry: readonly MeasureKind[] = [
  kind(countKind),
  kind(sumKind),
  kind(minKind),
  kind(maxKind),
  kind(meanKind),
  kind(varianceKind),
  kind(stddevKind),
  kind(uniquesKind),
  kind(distinctKind),
  kind(quantilesKind),
  kind(histogramKind),
  kind(topKind),
  kind(latestKind),
  kind(firstKind),
];

const byName = new Map(registry.map((kind) => [kind.name, kind]));

/** @throws {TypeError} if there is no such measure. */
export const measureKind = (name: string): MeasureKind => {
  const kind = byName.get(name);
  if (kind === undefined) throw new TypeError(`Expected a measure (${[...byName.keys()].join(', ')}), got '${name}'`);
  return kind;
};
