import { useState } from 'preact/hooks';
import { download } from '../parts/download.ts';
import { Icon } from '../parts/icon.tsx';
import { type Value, valueKey, valueName } from '../words/names.ts';
import { changeOf, number } from '../words/numbers.ts';
import { addFilter } from './filters.tsx';

export interface Ranking {
  readonly value: Value;
  readonly count: number | null;
  readonly before: number | null;
}
interface RankedProps {
  /** For screen readers, unlike any other's. */
  readonly label: string;
  /** The dimension, or the top measure. */
  readonly name: string;
  /** What is counted. */
  readonly of: string;
  readonly rows: readonly Ranking[] | null;
  readonly limit: number;
  readonly isCompared: boolean;
  /** Whether rows filter the view; else they open something, or do nothing. */
  readonly isFilter: boolean;
  /** Of no value there is nothing to open. */
  readonly onOpen?: (value: Value) => void;
  /** A click on a number. */
  readonly onExplain: (value: Value) => void;
}

/** The first values with their numbers, as bars. A row filters to its value, ≠ leaves it out, a number says what it is made of. */
export const Ranked = (props: RankedProps) => {
  const { name, of, rows, limit } = props;
  const [isLong, setLong] = useState(false);
  const most = Math.max(1e-9, ...(rows ?? []).map(({ count }) => count ?? 0));
  return (
    <section class="panel list" aria-label={props.label}>
      <div class="ph">
        <h3>{name}</h3>
        <span class="ph-k">{of}</span>
        <button
          type="button"
          class="btn icon ghost csv"
          aria-label={`Download ${name} as CSV`}
          title="CSV"
          onClick={() => download(`${of}-by-${name}`, [[name, of, 'before'], ...(rows ?? []).map(({ value, count, before }) => [value, count, before])])}
        >
          <Icon name="download" />
        </button>
      </div>
      {rows === null ? (
        <div class="ghost-chart" />
      ) : rows.length === 0 ? (
        <p class="none">Nothing in this range.</p>
      ) : (
        <ol>
          {rows.slice(0, isLong ? rows.length : limit).map((row) => (
            <Line {...props} row={row} most={most} key={valueKey(row.value)} />
          ))}
        </ol>
      )}
      {rows !== null && rows.length > limit ? (
        <button type="button" class="btn small ghost more" onClick={() => setLong(!isLong)}>
          {isLong ? 'Fewer' : `${rows.length - limit} more`}
        </button>
      ) : null}
    </section>
  );
};

const Line = ({
  name,
  of,
  row: { value, count, before },
  most,
  isCompared,
  isFilter,
  onOpen,
  onExplain,
}: RankedProps & { readonly row: Ranking; readonly most: number }) => {
  const label = valueName(name, value);
  const change = isCompared && before !== null ? changeOf(count, before) : null;
  const inside = (
    <>
      <span class={value === null ? 'nul' : ''} dir="auto">
        {label}
      </span>
      {change === null ? null : <em>{change.text}</em>}
    </>
  );
  const bar = <i class="bar" style={{ width: `${(Math.max(0, count ?? 0) / most) * 100}%` }} />;
  const amount = (
    <button
      type="button"
      class="amount"
      aria-label={`${number(count)} ${of} of ${label}: what is it made of?`}
      title="What is this made of?"
      onClick={() => onExplain(value)}
    >
      {number(count)}
    </button>
  );
  const opens = value === null || value === undefined ? undefined : onOpen;
  if (!isFilter && opens === undefined)
    return (
      <li>
        {bar}
        <div class="row still">{inside}</div>
        {amount}
      </li>
    );
  return (
    <li>
      {bar}
      <button
        type="button"
        class="row"
        title={isFilter ? `Show only ${label}` : `Open ${label}`}
        onClick={() => (isFilter ? addFilter(name, value) : opens?.(value))}
      >
        {inside}
      </button>
      {amount}
      {isFilter ? (
        <button type="button" class="not" aria-label={`Leave out ${label}`} title="Leave out" onClick={() => addFilter(name, value, false)}>
          ≠
        </button>
      ) : null}
    </li>
  );
};
