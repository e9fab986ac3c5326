import type { Figure } from '../data/measures.ts';
import { entityKinds } from '../entities/kinds.ts';
import { explain } from '../explain/open.ts';
import { go } from '../state/place.ts';
import type { Range } from '../time/range.ts';
import type { Value } from '../words/names.ts';
import { Ranked } from './ranked.tsx';

interface Entry {
  readonly value: Value;
  readonly count?: number;
  readonly sum?: number;
}

/** A top measure: its values open their entity, if its name is that of a kind of entities. */
export const TopList = ({
  metric,
  figure,
  value,
  range,
  limit,
}: {
  readonly metric: string;
  readonly figure: Figure;
  readonly value: unknown;
  readonly range: Range;
  readonly limit: number;
}) => {
  const kinds = entityKinds.use();
  const kind = kinds?.find(({ name }) => figure.name === name || figure.name === `${name}s`)?.name;
  const entries = Array.isArray(value) ? (value as readonly Entry[]) : null;
  const rows = entries?.map((entry) => ({ value: entry.value, count: entry.count ?? entry.sum ?? null, before: null })) ?? null;
  return (
    <Ranked
      label={`${metric}: first of ${figure.name}`}
      name={figure.name}
      of={entries?.some(({ sum }) => sum !== undefined) ? 'sum' : 'events'}
      rows={rows}
      limit={limit}
      isCompared={false}
      isFilter={false}
      onExplain={(one) => explain({ metric, figure: figure.name, from: range.from, to: range.to, value: String(one) })}
      {...(kind === undefined ? {} : { onOpen: (key: Value) => go({ view: 'entities', id: `${kind}/${String(key)}` }) })}
    />
  );
};
