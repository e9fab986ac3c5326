import { filterFor } from '../data/filters.ts';
import type { Figure } from '../data/measures.ts';
import { mainNumber } from '../data/measures.ts';
import { explain } from '../explain/open.ts';
import { Problem } from '../parts/problem.tsx';
import { useAsk } from '../state/use-ask.ts';
import type { Value } from '../words/names.ts';
import { type Asking, listQuery } from './queries.ts';
import { Ranked } from './ranked.tsx';

interface DimensionListProps {
  readonly asking: Asking;
  readonly dimension: string;
  readonly figure: Figure;
  readonly limit: number;
  readonly isCompared: boolean;
}

/** The first values of a dimension over the whole range. */
export const DimensionList = ({ asking, dimension, figure, limit, isCompared }: DimensionListProps) => {
  const { answer, error, again } = useAsk(listQuery(asking, dimension, figure));
  if (error !== null && answer === null)
    return (
      <section class="panel">
        <Problem error={error} name={dimension} onAgain={again} />
      </section>
    );
  const rows =
    answer?.rows.map((row) => ({
      value: row[dimension] as Value,
      count: mainNumber(row[figure.name]),
      before: row.previous === null || row.previous === undefined ? null : mainNumber(row.previous[figure.name]),
    })) ?? null;
  return (
    <Ranked
      label={`${asking.metric.name}: first of ${dimension}`}
      name={dimension}
      of={figure.name}
      rows={rows}
      limit={limit}
      isCompared={isCompared}
      isFilter
      onExplain={(value) =>
        explain({ metric: asking.metric.name, figure: figure.name, from: asking.range.from, to: asking.range.to, group: [filterFor(dimension, value)] })
      }
    />
  );
};
