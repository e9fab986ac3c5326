import type { Point } from '../data/series.ts';
import { lastKnown } from './draw.ts';

const WIDTH = 120;
const HEIGHT = 30;

interface SparkProps {
  readonly points: readonly Point[];
  readonly values: readonly (number | null)[];
  readonly horizon: number | null;
}

/** A word-sized line: deep tone until the horizon, bright after it, without the window that still fills. */
export const Spark = ({ points, values, horizon }: SparkProps) => {
  const complete = values.map((value, i) => (points[i]?.isFilling === true ? null : value));
  const known = complete.filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(1e-9, ...known)];
  const [from, to] = [points[0]?.from ?? 0, points.at(-1)?.to ?? 1];
  const last = lastKnown(complete);
  const x = ({ from: start, to: end }: Point) => ((((start + end) / 2 - from) / (to - from)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 5)).toFixed(1);
  const path = (first: number, end: number): string =>
    points
      .slice(first, end + 1)
      .flatMap((point, i) => {
        const value = complete[first + i];
        return value === null || value === undefined ? [] : [`${x(point)} ${y(value)}`];
      })
      .map((place, i) => (i === 0 ? 'M' : 'L') + place)
      .join('');
  const found = horizon === null ? 0 : points.findIndex((point) => point.from >= horizon);
  const seam = Math.max(0, Math.min(found < 0 ? last : found, last));
  const line = path(0, last);
  const [first] = points;
  const closed = line === '' || first === undefined || points[last] === undefined ? '' : `${line}L${x(points[last])} ${HEIGHT}L${x(first)} ${HEIGHT}Z`;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={closed} class="sp-f" />
      <path d={path(0, seam)} class="sp-b" />
      <path d={path(seam, last)} class="sp-l" />
    </svg>
  );
};
