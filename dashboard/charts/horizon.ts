import type uPlot from 'uplot';
import { fontOf, type Spec, xOf } from './draw.ts';
import type { Palette } from './palette.ts';

const LABEL_UP = 7;
const ROOM_FOR_BATCH = 50;
const ROOM_FOR_LIVE = 26;

/** A quiet mark where the batch part ends and the live part begins; where it lies outside, words. */
export const drawHorizon = (
  u: uPlot,
  context: CanvasRenderingContext2D,
  colours: Palette,
  { edges, horizon }: Spec,
  { isNamed }: { readonly isNamed: boolean },
): void => {
  const ratio = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  const [from, to] = [edges[0] as number, edges.at(-1) as number];
  const y = top - LABEL_UP * ratio;
  context.font = fontOf();
  context.textBaseline = 'alphabetic';
  if (horizon === null || horizon <= from || horizon >= to) {
    if (!isNamed) return;
    const isBatch = horizon !== null && horizon >= to;
    context.textAlign = 'right';
    context.fillStyle = colours[isBatch ? 'batch-ink' : 'live-ink'];
    context.fillText(isBatch ? 'all batch' : horizon === null ? 'all live' : 'all live: batch ends before', left + width, y);
    return;
  }
  const at = Math.round(xOf(u, horizon)) + 0.5;
  context.save();
  context.strokeStyle = colours['ink-3'];
  context.globalAlpha = 0.55;
  context.lineWidth = ratio;
  context.setLineDash([2 * ratio, 3 * ratio]);
  context.beginPath();
  context.moveTo(at, top - (isNamed ? 2 * LABEL_UP * ratio : 0));
  context.lineTo(at, top + height);
  context.stroke();
  context.restore();
  if (!isNamed) return;
  context.fillStyle = colours['batch-ink'];
  context.textAlign = 'right';
  if (at - left > ROOM_FOR_BATCH * ratio) context.fillText('batch', at - LABEL_UP * ratio, y);
  context.fillStyle = colours['live-ink'];
  context.textAlign = 'left';
  if (left + width - at > ROOM_FOR_LIVE * ratio) context.fillText('live', at + LABEL_UP * ratio, y);
};
