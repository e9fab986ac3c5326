import type uPlot from 'uplot';
import type { Palette } from './palette.ts';

/** What every drawing needs to know of its chart. Times are in ms. */
export interface Spec {
  /** Starts of the windows, and the end of the last. */
  readonly edges: readonly number[];
  readonly horizon: number | null;
  readonly isFilling: (index: number) => boolean;
}
/** Draws data onto a chart whose scales are set. */
export type Draw = (u: uPlot, context: CanvasRenderingContext2D, colours: Palette, spec: Spec) => void;
export type Numbers = readonly (number | null | undefined)[];

const font = (px: number): string => `${px}px Geist, system-ui, sans-serif`;
const FONT_SIZE = 11;
export const FONT = font(FONT_SIZE);
export const fontOf = (): string => font(FONT_SIZE * devicePixelRatio);

export const xOf = (u: uPlot, ms: number): number => u.valToPos(ms / 1_000, 'x', true);
export const yOf = (u: uPlot, value: number): number => u.valToPos(value, 'y', true);
const NARROW = 4;
const WIDEST = 32;

/** Where window i's bar is, in device pixels. Below 4 px there is no gap: a stepped area. */
export const slotOf = (u: uPlot, { edges }: Spec, i: number): { readonly left: number; readonly width: number; readonly radius: number } => {
  const [a, b] = [xOf(u, edges[i] as number), xOf(u, edges[i + 1] as number)];
  const ratio = devicePixelRatio;
  const width = b - a;
  if (width / ratio < NARROW) return { left: a, width: width + 0.5, radius: 0 };
  const bar = Math.round(Math.min(width - Math.max(ratio, Math.round(width * 0.2)), WIDEST * ratio));
  return { left: Math.round(a + (width - bar) / 2), width: bar, radius: Math.min(2.5 * ratio, bar / 4) };
};
/** The middle of window i. */
export const middleOf = (u: uPlot, { edges }: Spec, i: number): number => (xOf(u, edges[i] as number) + xOf(u, edges[i + 1] as number)) / 2;

/** A bar whose far end is rounded: the top, or the bottom of one below zero. */
export const fillBar = (context: CanvasRenderingContext2D, left: number, from: number, width: number, to: number, radius: number): void => {
  const height = Math.abs(to - from);
  if (height <= 0) return;
  const r = Math.min(radius, width / 2, height);
  const corners: [number, number, number, number] = to < from ? [r, r, 0, 0] : [0, 0, r, r];
  context.beginPath();
  context.roundRect(left, Math.min(from, to), width, height, corners);
  context.fill();
};

/** A line through the windows' middles, with gaps where there is no number. */
export const traceLine = (u: uPlot, context: CanvasRenderingContext2D, spec: Spec, values: Numbers, first: number, last: number): void => {
  let isDown = false;
  for (let i = first; i <= last; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      isDown = false;
      continue;
    }
    if (isDown) context.lineTo(middleOf(u, spec, i), yOf(u, value));
    else context.moveTo(middleOf(u, spec, i), yOf(u, value));
    isDown = true;
  }
};

export const zeroLine = (u: uPlot, context: CanvasRenderingContext2D, colours: Palette): void => {
  context.fillStyle = colours['line-2'];
  context.fillRect(u.bbox.left, Math.round(yOf(u, 0)) - devicePixelRatio / 2, u.bbox.width, devicePixelRatio);
};

/** The index of the last window that has a number. */
export const lastKnown = (values: Numbers): number => {
  let last = values.length - 1;
  while (last > 0 && (values[last] === null || values[last] === undefined)) last--;
  return last;
};
