import { useMemo, useState } from 'preact/hooks';
import type { Answer } from '../api/types.ts';
import { drawBands } from '../charts/bands.ts';
import { drawBars } from '../charts/bars.ts';
import { Chart } from '../charts/chart.tsx';
import { drawLine } from '../charts/lines.ts';
import { byStep } from '../charts/ticks.ts';
import type { Figure } from '../data/measures.ts';
import { bandsOf, batchPartOf, comparedWindow, numbersOf, type Point, previousOf } from '../data/series.ts';
import { explain } from '../explain/open.ts';
import { download } from '../parts/download.ts';
import { PanelTools } from '../parts/panel-tools.tsx';
import { WindowTable } from '../parts/window-table.tsx';
import { serverNow } from '../state/session.ts';
import { number } from '../words/numbers.ts';
import { spanText } from '../words/times.ts';
import { Legend } from './legend.tsx';
import { seriesTip } from './series-tip.ts';
import { zoom } from './toolbar.tsx';

export interface SeriesPanelProps {
  readonly metric: string;
  readonly figure: Figure;
  readonly points: readonly Point[];
  readonly answer: Pick<Answer, 'every' | 'estimates' | 'compare'>;
  readonly horizon: number | null;
  readonly zone: string;
  /** The name of the range that is compared with; null for none. */
  readonly compared: string | null;
  readonly height: number;
}

/** One figure over time, drawn by what it is. */
export const SeriesPanel = (props: SeriesPanelProps) => {
  const { metric, figure, points, answer, horizon, zone, compared, height } = props;
  const { every } = answer;
  const [isTable, setTable] = useState(false);
  const nowMs = serverNow();
  const bands = useMemo(() => (figure.shape === 'band' ? bandsOf(points, figure.name) : null), [points, figure]);
  const before = useMemo(() => (compared === null || bands !== null ? null : previousOf(points, figure.name)), [points, figure, compared, bands]);
  const data = useMemo(() => {
    if (bands !== null) return bands.map(({ values }) => values);
    return [numbersOf(points, figure.name), figure.shape === 'bar' ? batchPartOf(points, figure.name) : [], ...(before === null ? [] : [before])];
  }, [points, figure, before, bands]);
  const edges = useMemo(() => [...points.map(({ from }) => from), points.at(-1)?.to ?? 0], [points]);
  const draw = useMemo(() => (bands !== null ? drawBands(bands.map(({ name }) => name)) : figure.shape === 'bar' ? drawBars : drawLine), [bands, figure]);
  const windows = () => points.filter(({ isFuture }) => !isFuture);
  const columns = bands ?? [{ name: figure.name, values: data[0] ?? [] }, ...(before === null ? [] : [{ name: compared ?? '', values: before }])];
  /** What a window is made of, or the one that it is compared with. A percentile opens the events that are as large. */
  const pick = (i: number, isBefore = false, percentile: number | null = null) => {
    const point = points[i];
    if (point === undefined || point.isFuture) return;
    const one = isBefore ? comparedWindow(answer, i, zone) : point;
    if (one !== null) explain({ metric, figure: figure.name, from: one.from, to: one.to, value: percentile === null ? null : String(percentile) });
  };
  const [from, to] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const sum = (data[0] ?? []).reduce<number>((total, value) => total + (value ?? 0), 0);
  const label = `${figure.name} ${byStep(every)}, ${spanText(from, to, zone, nowMs)}${figure.shape === 'bar' ? `, ${number(sum)} in all` : ''}. Arrow keys read it window by window; the table button gives all numbers.`;
  return (
    <div class="chart-panel">
      <div class="ph">
        <h3>
          {figure.name} <span>{`${bands === null ? '' : `${bands.map(({ name }) => name).join(', ')} `}${byStep(every)}`}</span>
        </h3>
        <Legend
          batch={horizon !== null && from < horizon}
          live={horizon === null || to > horizon || (figure.shape === 'bar' && data[0]?.some((value, i) => (value ?? 0) > (data[1]?.[i] ?? 0)) === true)}
          filling={bands === null && points.some(({ isFilling }) => isFilling)}
          before={before === null ? null : compared}
        />
        <PanelTools
          isTable={isTable}
          onTable={() => setTable(!isTable)}
          onCsv={() =>
            download(`${metric}-${figure.name}`, [
              ['window', ...columns.map(({ name }) => name)],
              ...windows().map((point, i) => [new Date(point.from).toISOString(), ...columns.map(({ values }) => values[i])]),
            ])
          }
        />
      </div>
      {isTable ? (
        <WindowTable
          caption={`${figure.name} ${byStep(every)}`}
          windows={windows().map(({ from: start, to: end, isFilling }) => `${spanText(start, end, zone, nowMs)}${isFilling ? ' (filling)' : ''}`)}
          columns={columns}
          onPick={(i, column) => pick(i, bands === null && column > 0, bands?.[column]?.values[i])}
        />
      ) : (
        <Chart
          label={label}
          zone={zone}
          edges={edges}
          horizon={horizon}
          isFilling={(i) => points[i]?.isFilling === true}
          data={data}
          draw={draw}
          height={height}
          {...(bands === null ? {} : { scale: 'wide' as const, right: 34 })}
          tip={(i) => (points[i] === undefined ? null : seriesTip({ ...props, point: points[i] as Point, before: before?.[i] ?? null, bands, index: i }))}
          onZoom={zoom}
          onPick={(i) => pick(i)}
        />
      )}
    </div>
  );
};
