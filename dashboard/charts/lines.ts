import { drawBefore } from './bars.ts';
import { type Draw, lastKnown, middleOf, type Numbers, slotOf, traceLine, xOf, yOf, zeroLine } from './draw.ts';
import { drawHorizon } from './horizon.ts';
import { hatch } from './palette.ts';

/** A measure that does not add up: a line, deep until the horizon, bright after it, dashed into a window that still fills. Data: value, nothing, before. */
export const drawLine: Draw = (u, context, colours, spec) => {
  const [, values = [], , before] = u.data as unknown as [Numbers, Numbers?, Numbers?, Numbers?];
  const ratio = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  const zero = yOf(u, 0);
  zeroLine(u, context, colours);
  if (before !== undefined) drawBefore(u, context, colours, spec, before);
  const last = lastKnown(values);
  const isOpen = spec.isFilling(last) && last > 0;
  const end = isOpen ? last - 1 : last;
  const seam = spec.horizon === null ? left : Math.min(Math.max(xOf(u, spec.horizon), left), left + width);
  context.lineJoin = context.lineCap = 'round';
  for (const [from, to, line, soft] of [
    [left, seam, colours.batch, colours['batch-soft']],
    [seam, left + width, colours.live, colours['live-soft']],
  ] as const) {
    if (to <= from) continue;
    context.save();
    context.beginPath();
    context.rect(from, top - 4 * ratio, to - from, height + 8 * ratio);
    context.clip();
    context.fillStyle = soft;
    for (const [a, b] of stretchesOf(values, end)) {
      context.beginPath();
      traceLine(u, context, spec, values, a, b);
      context.lineTo(middleOf(u, spec, b), zero);
      context.lineTo(middleOf(u, spec, a), zero);
      context.fill();
    }
    context.strokeStyle = line;
    context.lineWidth = 2 * ratio;
    context.beginPath();
    traceLine(u, context, spec, values, 0, end);
    context.stroke();
    if (isOpen) {
      context.setLineDash([3 * ratio, 4 * ratio]);
      context.lineWidth = 1.5 * ratio;
      context.beginPath();
      traceLine(u, context, spec, values, end, last);
      context.stroke();
    }
    context.restore();
  }
  // A number with none beside it would be no line.
  for (const [a, b] of stretchesOf(values, last)) {
    if (a !== b) continue;
    context.fillStyle = middleOf(u, spec, a) < seam ? colours.batch : colours.live;
    context.beginPath();
    context.arc(middleOf(u, spec, a), yOf(u, values[a] as number), 2.5 * ratio, 0, 2 * Math.PI);
    context.fill();
  }
  if (isOpen) {
    const slot = slotOf(u, spec, last);
    context.globalAlpha = 0.35;
    context.fillStyle = hatch(context, colours.live);
    context.fillRect(slot.left, top, slot.width, height);
    context.globalAlpha = 1;
  }
  drawHorizon(u, context, colours, spec, { isNamed: true });
};

/** First and last windows of the stretches without a gap. */
const stretchesOf = (values: Numbers, last: number): (readonly [number, number])[] => {
  const stretches: (readonly [number, number])[] = [];
  let start = -1;
  for (let i = 0; i <= last + 1; i++) {
    const isKnown = i <= last && values[i] !== null && values[i] !== undefined;
    if (isKnown && start < 0) start = i;
    if (!isKnown && start >= 0) {
      stretches.push([start, i - 1]);
      start = -1;
    }
  }
  return stretches;
};
