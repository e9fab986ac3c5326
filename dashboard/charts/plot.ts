import uPlot from 'uplot';
import { axisNumber } from '../words/numbers.ts';
import { FONT } from './draw.ts';
import { palette } from './palette.ts';
import { pointing } from './pointing.ts';
import type { ChartSpec } from './spec.ts';
import { tickName, timeTicks } from './ticks.ts';

export interface ChartHandle {
  /** Takes what the spec says now. */
  readonly update: () => void;
  readonly destroy: () => void;
}
const charts = new Set<uPlot>();
/** After a change between light and dark, and once fonts are there. */
export const redrawCharts = (): void => {
  for (const chart of charts) chart.redraw(false, true);
};

const LEAST_WIDTH = 120;
const TIME_WIDTH = 74;
const POWERS = [0, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e12, 1e15];

const dataOf = ({ edges, data }: ChartSpec): uPlot.AlignedData => {
  const middles = edges.slice(0, -1).map((from, i) => (from + (edges[i + 1] as number)) / 2_000);
  return [middles, ...data.map((series) => [...series])] as uPlot.AlignedData;
};
const boundsOf = ({ edges }: ChartSpec): [number, number] => [(edges[0] as number) / 1_000, (edges.at(-1) as number) / 1_000];

/** A uPlot in an element. It gives scales, axes, cursor and selection; what is drawn is ours. */
export const chartOn = (host: HTMLElement, spec: () => ChartSpec): ChartHandle => {
  const { height, isSmall = false, top = 22, right = 20, zone, scale } = spec();
  const pointer = pointing(host, spec);
  const axis: uPlot.Axis = { stroke: () => palette()['ink-3'], font: FONT, ticks: { show: false }, show: !isSmall };
  const options: uPlot.Options = {
    width: Math.max(LEAST_WIDTH, host.clientWidth),
    height,
    legend: { show: false },
    padding: [top, right, 0, 0],
    cursor: pointer.cursor,
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, range: () => boundsOf(spec()) },
      y:
        scale === 'wide'
          ? { distr: 4, asinh: 2, range: (_u, _low, high) => [0, Math.max(10, high) * 1.4] }
          : { range: (_u, low, high) => rangeOf(low, spec().max ?? high) },
    },
    series: [{}, ...spec().data.map((): uPlot.Series => ({ paths: () => null, points: { show: false } }))],
    axes: [
      {
        ...axis,
        size: isSmall ? 0 : 26,
        gap: 6,
        grid: { show: false },
        splits: (u, _axis, from, to) =>
          timeTicks(from * 1_000, to * 1_000, zone, Math.max(2, Math.floor(u.bbox.width / devicePixelRatio / TIME_WIDTH))).map((ms) => ms / 1_000),
        values: (_u, splits) => {
          const [from, to] = boundsOf(spec());
          return splits.map((at) => tickName(at * 1_000, { from: from * 1_000, to: to * 1_000, zone }));
        },
      },
      {
        ...axis,
        size: isSmall ? 0 : 46,
        gap: 8,
        space: 52,
        grid: { stroke: () => palette().line, width: 1 },
        filter: (_u, splits) => splits,
        values: (_u, splits) => splits.map(axisNumber),
        ...(scale === 'wide' ? { splits: (_u, _axis, _low, high) => POWERS.filter((power) => power <= high) } : {}),
      },
    ],
    hooks: {
      draw: [
        (u) => {
          const { ctx: context, bbox } = u;
          context.save();
          context.beginPath();
          context.rect(bbox.left, 0, bbox.width + 60 * devicePixelRatio, bbox.top + bbox.height + 2);
          context.clip();
          spec().draw(u, context, palette(), spec());
          context.restore();
        },
      ],
      setCursor: [pointer.moved],
      setSelect: [pointer.selected],
    },
  };
  let drawn = spec().data;
  const chart = new uPlot(options, dataOf(spec()), host);
  charts.add(chart);
  const release = pointer.attach(chart);
  let width = host.clientWidth;
  const resized = new ResizeObserver(() => {
    if (host.clientWidth === 0 || host.clientWidth === width) return;
    width = host.clientWidth;
    chart.setSize({ width: Math.max(LEAST_WIDTH, width), height: spec().height });
  });
  resized.observe(host);
  return {
    update: () => {
      if (drawn === spec().data) return chart.redraw(false, true);
      drawn = spec().data;
      chart.setData(dataOf(spec()), true);
    },
    destroy: () => {
      resized.disconnect();
      release();
      charts.delete(chart);
      chart.destroy();
    },
  };
};

/** From zero, with a little room; what is below zero has room as well. */
const rangeOf = (low: number | null, high: number | null): [number, number] => {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(bottom < 0 ? 0 : 1e-9, high ?? 0);
  return [bottom * 1.06, (top <= 1e-9 ? 1 : top) * 1.06];
};
