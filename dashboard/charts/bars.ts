import type uPlot from 'uplot';
import { type Draw, fillBar, type Numbers, type Spec, slotOf, traceLine, yOf, zeroLine } from './draw.ts';
import { drawHorizon } from './horizon.ts';
import { hatch, type Palette } from './palette.ts';

const LEAST_CAP = 2;

/** A measure that adds up: bars from zero, batch below, live on top; a window that still fills is hatched. Data: total, batch part, before. */
export const drawBars: Draw = (u, context, colours, spec) => {
  const [, totals = [], batch = [], before] = u.data as unknown as [Numbers, Numbers?, Numbers?, Numbers?];
  const ratio = devicePixelRatio;
  const zero = yOf(u, 0);
  for (const [i, total] of totals.entries()) {
    if (total === null || total === undefined || total === 0) continue;
    const { left, width, radius } = slotOf(u, spec, i);
    const top = yOf(u, total);
    if (spec.isFilling(i)) {
      context.fillStyle = colours.surface;
      fillBar(context, left, zero, width, top, radius);
      context.fillStyle = hatch(context, colours.live);
      fillBar(context, left, zero, width, top, radius);
      context.strokeStyle = colours.live;
      context.lineWidth = 1.25 * ratio;
      context.strokeRect(left + 0.6 * ratio, Math.min(top, zero) + 0.6 * ratio, width - 1.2 * ratio, Math.abs(zero - top) - 0.6 * ratio);
      continue;
    }
    const part = batch[i] ?? total;
    const isMixed = part > 0 && part < total;
    context.fillStyle = part >= total && part !== 0 ? colours.batch : colours.live;
    if (part !== 0 && total < 0) context.fillStyle = colours.batch;
    fillBar(context, left, zero, width, top, radius);
    if (!isMixed) continue;
    const seam = Math.max(yOf(u, part), top + LEAST_CAP * ratio);
    context.fillStyle = colours.surface;
    context.fillRect(left, seam - 0.6 * ratio, width, 0.8 * ratio);
    context.fillStyle = colours.batch;
    context.fillRect(left, seam, width, zero - seam);
  }
  zeroLine(u, context, colours);
  if (before !== undefined) drawBefore(u, context, colours, spec, before);
  drawHorizon(u, context, colours, spec, { isNamed: true });
};

/** The period before: a thin line with a halo, so that it reads over bars. */
export const drawBefore = (u: uPlot, context: CanvasRenderingContext2D, colours: Palette, spec: Spec, values: Numbers): void => {
  const ratio = devicePixelRatio;
  context.lineJoin = 'round';
  for (const [colour, width, alpha] of [
    [colours.surface, 4, 0.9],
    [colours.before, 1.5, 1],
  ] as const) {
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = width * ratio;
    context.beginPath();
    traceLine(u, context, spec, values, 0, values.length - 1);
    context.stroke();
  }
  context.globalAlpha = 1;
};
