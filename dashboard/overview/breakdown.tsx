import { useMemo, useState } from 'preact/hooks';
import { Chart } from '../charts/chart.tsx';
import { seriesColour } from '../charts/palette.ts';
import { drawStack } from '../charts/stack.ts';
import { filterFor, filterOthers } from '../data/filters.ts';
import { breakdownOf, type Group, type Breakdown as Groups, segmentAt } from '../data/groups.ts';
import type { Figure } from '../data/measures.ts';
import { pointsOf } from '../data/series.ts';
import { explain } from '../explain/open.ts';
import { download } from '../parts/download.ts';
import { PanelTools } from '../parts/panel-tools.tsx';
import { Problem } from '../parts/problem.tsx';
import { Segments } from '../parts/segments.tsx';
import { WindowTable } from '../parts/window-table.tsx';
import { go, usePlace } from '../state/place.ts';
import { serverNow } from '../state/session.ts';
import { useAsk } from '../state/use-ask.ts';
import { valueName } from '../words/names.ts';
import { number, share } from '../words/numbers.ts';
import { spanText } from '../words/times.ts';
import { addFilter } from './filters.tsx';
import { type Asking, breakdownQuery } from './queries.ts';
import { zoom } from './toolbar.tsx';

interface BreakdownProps {
  readonly asking: Asking;
  readonly dimension: string;
  readonly figure: Figure;
  readonly horizon: number | null;
}

/** One figure by one dimension: the first five groups, and all others. What does not add up is shown each by itself. */
export const Breakdown = ({ asking, dimension, figure, horizon }: BreakdownProps) => {
  const { metric, zone } = asking;
  const { form, by } = usePlace();
  const [isTable, setTable] = useState(false);
  const { answer, error, again } = useAsk(breakdownQuery(asking, dimension, figure));
  const nowMs = serverNow();
  const groups = useMemo(() => (answer === null ? null : breakdownOf(answer.rows, dimension, figure.name)), [answer, dimension, figure]);
  const points = useMemo(
    () =>
      answer === null || groups === null
        ? []
        : pointsOf({ rows: groups.windows.map((window) => ({ window: new Date(window).toISOString() })), to: answer.to }, nowMs),
    [answer, groups],
  );
  const adds = figure.shape === 'bar';
  const isStacked = adds && form === 'stacked';
  const names = (group: Group) => (group.isOther ? 'others' : valueName(dimension, group.value));
  const title = `${figure.name} by ${dimension}`;
  /** What a group's number in a window is made of; without a group, the whole window's. */
  const pick = (i: number, group: Group | undefined) => {
    const point = points[i];
    if (point === undefined || point.isFuture || groups === null) return;
    const named = groups.groups.filter(({ isOther }) => !isOther).map(({ value }) => value);
    const filters = group === undefined ? [] : group.isOther ? filterOthers(dimension, named) : [filterFor(dimension, group.value)];
    explain({ metric: metric.name, figure: figure.name, from: point.from, to: point.to, group: filters });
  };
  return (
    <section class="panel" aria-label={`${metric.name}: ${title}`}>
      <div class="ph">
        <h3>
          {figure.name} by{' '}
          <select
            class="h-sel"
            aria-label="Break down by"
            value={dimension}
            onChange={(event) => go({ by: { ...by, [metric.name]: event.currentTarget.value } }, { replace: true })}
          >
            {metric.dimensions.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </h3>
        {adds ? (
          <Segments
            isSmall
            label="Form"
            value={form}
            options={[
              { value: 'stacked', name: 'Stacked' },
              { value: 'each', name: 'Each' },
            ]}
            onChoose={(value) => go({ form: value }, { replace: true })}
          />
        ) : null}
        <PanelTools
          isTable={isTable}
          onTable={() => setTable(!isTable)}
          onCsv={() => groups !== null && download(title.replaceAll(' ', '-'), linesOf(groups, names))}
        />
      </div>
      {error !== null && answer === null ? (
        <Problem error={error} name={title} onAgain={again} />
      ) : groups === null ? (
        <div class="ghost-chart tall" />
      ) : isTable ? (
        <WindowTable
          caption={title}
          windows={points.filter(({ isFuture }) => !isFuture).map(({ from, to }) => spanText(from, to, zone, nowMs))}
          columns={groups.groups.map((group) => ({ name: names(group), values: group.values }))}
          onPick={(i, k) => pick(i, groups.groups[k])}
        />
      ) : isStacked ? (
        <Stacked groups={groups} {...{ points, names, zone, horizon, title, dimension, pick }} />
      ) : (
        <Each groups={groups} {...{ points, names, zone, horizon, title, dimension, pick }} />
      )}
    </section>
  );
};

const linesOf = ({ windows, groups }: Groups, names: (group: Group) => string): readonly (readonly unknown[])[] => [
  ['window', ...groups.map(names)],
  ...windows.map((window, i) => [new Date(window).toISOString(), ...groups.map(({ values }) => values[i])]),
];

interface FormProps {
  readonly groups: Groups;
  readonly points: ReturnType<typeof pointsOf>;
  readonly names: (group: Group) => string;
  readonly zone: string;
  readonly horizon: number | null;
  readonly title: string;
  readonly dimension: string;
  readonly pick: (window: number, group: Group | undefined) => void;
}
const chartOf = ({ points, zone, horizon }: FormProps) => ({
  zone,
  horizon,
  edges: [...points.map(({ from }) => from), points.at(-1)?.to ?? 0],
  isFilling: (i: number) => points[i]?.isFilling === true,
  onZoom: zoom,
});

const Stacked = (props: FormProps) => {
  const { groups, points, names, zone, title, dimension, pick } = props;
  const colours = groups.groups.map(({ isOther }, rank) => seriesColour(rank, isOther));
  const data = useMemo(() => [groups.totals, ...groups.groups.map(({ values }) => values)], [groups]);
  const draw = useMemo(() => drawStack(colours), [colours.join()]);
  return (
    <>
      <Chart
        {...chartOf(props)}
        label={`${title}, stacked`}
        data={data}
        draw={draw}
        top={8}
        height={190}
        onPick={(i, value) => pick(i, value === null ? undefined : segmentAt(groups, i, value))}
        tip={(i) => ({
          title: spanText(points[i]?.from ?? 0, points[i]?.to ?? 0, zone, serverNow()),
          rows: groups.groups
            .map((group, k) => ({
              name: names(group),
              value: number(group.values[i]),
              colour: colours[k] ?? 'c6',
              note: share(group.values[i] ?? 0, groups.totals[i] ?? 0),
            }))
            .reverse(),
        })}
      />
      <ul class="key">
        {groups.groups.map((group, k) => (
          <li key={group.key}>
            <button type="button" disabled={group.isOther} title={group.isOther ? '' : 'Filter to this'} onClick={() => addFilter(dimension, group.value)}>
              <i style={{ background: `var(--${colours[k]})` }} />
              {names(group)}
              <b>{share(group.sum, groups.sum)}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
};

const Each = (props: FormProps) => {
  const { groups, points, names, zone } = props;
  const max = Math.max(1e-9, ...groups.groups.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return (
    <div class="each">
      {groups.groups.map((group, rank) => (
        <Small
          key={group.key}
          {...props}
          group={group}
          rank={rank}
          max={max}
          name={names(group)}
          tipTitle={(i) => spanText(points[i]?.from ?? 0, points[i]?.to ?? 0, zone, serverNow())}
        />
      ))}
    </div>
  );
};
interface SmallProps extends FormProps {
  readonly group: Group;
  readonly rank: number;
  readonly max: number;
  readonly name: string;
  readonly tipTitle: (index: number) => string;
}
const Small = (props: SmallProps) => {
  const { group, rank, max, name, tipTitle, pick } = props;
  const colour = seriesColour(rank, group.isOther);
  const data = useMemo(() => [group.values, group.values], [group]);
  const draw = useMemo(() => drawStack([colour]), [colour]);
  return (
    <figure>
      <figcaption>
        <b>{name}</b>
      </figcaption>
      <Chart
        {...chartOf(props)}
        label={name}
        isSmall
        top={2}
        right={0}
        height={70}
        max={max}
        data={data}
        draw={draw}
        onPick={(i) => pick(i, group)}
        tip={(i) => ({ title: tipTitle(i), rows: [{ name, value: number(group.values[i]), colour }] })}
      />
    </figure>
  );
};
