import { type Draw, fillBar, type Numbers, slotOf, yOf, zeroLine } from './draw.ts';
import { drawHorizon } from './horizon.ts';
import type { Colour } from './palette.ts';

/** Segments this low have no gap between them. */
const GAP_FROM = 3;

/** Groups on each other: the largest at the bottom, all others on top in grey. Data: totals, then a series per colour. */
export const drawStack =
  (names: readonly Colour[]): Draw =>
  (u, context, colours, spec) => {
    const [, totals = [], ...series] = u.data as unknown as [Numbers, Numbers?, ...Numbers[]];
    const ratio = devicePixelRatio;
    for (const i of totals.keys()) {
      const { left, width, radius } = slotOf(u, spec, i);
      const parts = names.map((name, k) => ({ value: series[k]?.[i] ?? 0, colour: colours[name] })).filter(({ value }) => value > 0);
      context.globalAlpha = spec.isFilling(i) ? 0.5 : 1;
      let sum = 0;
      for (const [k, { value, colour }] of parts.entries()) {
        const from = yOf(u, sum);
        sum += value;
        const to = yOf(u, sum);
        const gap = k > 0 && from - to > GAP_FROM * ratio ? ratio : 0;
        context.fillStyle = colour;
        if (k === parts.length - 1) fillBar(context, left, from - gap, width, to, radius);
        else context.fillRect(left, to, width, from - to - gap);
      }
    }
    context.globalAlpha = 1;
    zeroLine(u, context, colours);
    drawHorizon(u, context, colours, spec, { isNamed: false });
  };
