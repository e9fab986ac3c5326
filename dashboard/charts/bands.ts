import { type Draw, fontOf, lastKnown, middleOf, type Numbers, traceLine, xOf, yOf } from './draw.ts';
import { drawHorizon } from './horizon.ts';

const LABEL_HEIGHT = 13;

/** Percentiles: the lowest is the line, bands lie between them, and each is named at its right end. Data: a series per name, from the lowest. */
export const drawBands =
  (names: readonly string[]): Draw =>
  (u, context, colours, spec) => {
    const [, ...series] = u.data as unknown as [Numbers, ...Numbers[]];
    const [lowest = []] = series;
    const ratio = devicePixelRatio;
    const { left, top, width, height } = u.bbox;
    const known = lastKnown(lowest);
    const last = spec.isFilling(known) && known > 0 ? known - 1 : known;
    const seam = spec.horizon === null ? left : Math.min(Math.max(xOf(u, spec.horizon), left), left + width);
    context.lineJoin = 'round';
    for (const [from, to, colour] of [
      [left, seam, colours.batch],
      [seam, left + width, colours.live],
    ] as const) {
      if (to <= from) continue;
      context.save();
      context.beginPath();
      context.rect(from, 0, to - from, top + height);
      context.clip();
      context.fillStyle = context.strokeStyle = colour;
      for (let k = 0; k + 1 < series.length; k++) {
        context.globalAlpha = 0.22 / (k + 1);
        fillBetween(series[k] as Numbers, series[k + 1] as Numbers);
      }
      for (const [k, values] of series.entries()) {
        context.globalAlpha = Math.max(0.5, 1 - k * 0.22);
        context.lineWidth = Math.max(1, 2 - k * 0.7) * ratio;
        context.beginPath();
        traceLine(u, context, spec, values, 0, last);
        context.stroke();
      }
      context.restore();
    }
    drawHorizon(u, context, colours, spec, { isNamed: false });
    context.font = fontOf();
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillStyle = colours['ink-2'];
    let above = Number.NEGATIVE_INFINITY;
    for (const [name, values] of names.map((name, k) => [name, series[k] as Numbers] as const).reverse()) {
      const value = values[last];
      if (value === null || value === undefined) continue;
      above = Math.max(yOf(u, value), above + LABEL_HEIGHT * ratio);
      context.fillText(name, left + width + 6 * ratio, above);
    }

    function fillBetween(low: Numbers, high: Numbers): void {
      context.beginPath();
      traceLine(u, context, spec, low, 0, last);
      for (let i = last; i >= 0; i--) {
        const value = high[i];
        if (value !== null && value !== undefined) context.lineTo(middleOf(u, spec, i), yOf(u, value));
      }
      context.closePath();
      context.fill();
    }
  };
