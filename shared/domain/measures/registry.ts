import { countKind } from './count.ts';
import { firstKind } from './first.ts';
import { latestKind } from './latest.ts';
import { maxKind } from './max.ts';
import { meanKind } from './mean.ts';
import type { MeasureKind } from './measure.ts';
import { minKind } from './min.ts';
import { quantilesKind } from './quantiles.ts';
import { sumKind } from './sum.ts';
import { topKind } from './top.ts';
import { uniquesKind } from './uniques.ts';

/** Every measure. A state's and an option's types stay inside its file, so here they are not known. */
export const registry = [
  countKind,
  sumKind,
  minKind,
  maxKind,
  meanKind,
  uniquesKind,
  quantilesKind,
  topKind,
  latestKind,
  firstKind,
] as unknown as readonly MeasureKind[];

const byName = new Map(registry.map((kind) => [kind.name, kind]));

/** @throws {TypeError} if there is no such measure. */
export const measureKind = (name: string): MeasureKind => {
  const kind = byName.get(name);
  if (kind === undefined) throw new TypeError(`Expected a measure (${[...byName.keys()].join(', ')}), got '${name}'`);
  return kind;
};
