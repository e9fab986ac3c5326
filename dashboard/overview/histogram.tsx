import type { Figure } from '../data/measures.ts';
import { explain } from '../explain/open.ts';
import { download } from '../parts/download.ts';
import { Icon } from '../parts/icon.tsx';
import type { Range } from '../time/range.ts';
import { number, share } from '../words/numbers.ts';

interface Bucket {
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
}
const nameOf = ({ from, to }: Bucket): string =>
  from === null ? `below ${number(to)}` : to === null ? `from ${number(from)}` : `${number(from)} – ${number(to)}`;

/** How many values are in each bucket: bars without gaps, and the same as a list for who cannot see them. */
export const Histogram = ({
  metric,
  figure,
  value,
  range,
}: {
  readonly metric: string;
  readonly figure: Figure;
  readonly value: unknown;
  readonly range: Range;
}) => {
  // Any number of a bucket names it.
  const open = ({ from, to }: Bucket) => explain({ metric, figure: figure.name, from: range.from, to: range.to, value: String(from ?? (to ?? 0) - 1) });
  const buckets = Array.isArray(value) ? (value as readonly Bucket[]) : [];
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const sum = buckets.reduce((total, { count }) => total + count, 0);
  return (
    <section class="panel" aria-label={`${metric}: ${figure.name}`}>
      <div class="ph">
        <h3>
          {figure.name} <span>{figure.says}</span>
        </h3>
        <div class="tools">
          <button
            type="button"
            class="btn icon ghost"
            aria-label="Download as CSV"
            title="CSV"
            onClick={() => download(figure.name, [['from', 'to', 'count'], ...buckets.map(({ from, to, count }) => [from, to, count])])}
          >
            <Icon name="download" />
          </button>
        </div>
      </div>
      {buckets.length === 0 ? (
        <p class="none">Nothing in this range.</p>
      ) : (
        <ol class="histogram">
          {buckets.map((bucket) => (
            <li key={nameOf(bucket)} title={`${nameOf(bucket)}: ${number(bucket.count)}, ${share(bucket.count, sum)}`}>
              <button type="button" aria-label={`${nameOf(bucket)}: ${number(bucket.count)}. What is it made of?`} onClick={() => open(bucket)}>
                <i style={{ height: `${(bucket.count / most) * 100}%` }} />
              </button>
              <span aria-hidden="true">{bucket.from === null ? `<${number(bucket.to)}` : number(bucket.from)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
};
