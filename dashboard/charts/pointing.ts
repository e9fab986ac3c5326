import type uPlot from 'uplot';
import type { ChartSpec } from './spec.ts';
import { fillTip } from './tip.ts';

const SYNC = 'time';
const LEAST_DRAG = 8;
const GAP = 10;

export interface Pointing {
  readonly cursor: uPlot.Cursor;
  readonly moved: (u: uPlot) => void;
  readonly selected: (u: uPlot) => void;
  /** Returns what takes it off again. */
  readonly attach: (u: uPlot) => () => void;
}

/** Pointer and keys of a chart: the window's column is tinted in all charts, the tip is only where the pointer is; dragging zooms. */
export const pointing = (host: HTMLElement, spec: () => ChartSpec): Pointing => {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  const column = document.createElement('div');
  column.className = 'col';
  /** A drag ends with a click, which chooses nothing. */
  let wasDragged = false;
  const indexOf = (u: uPlot): number | null => (u.cursor.idx === null || u.cursor.idx === undefined || (u.cursor.left ?? -1) < 0 ? null : u.cursor.idx);

  const hide = (): void => {
    tip.hidden = true;
    column.style.display = 'none';
  };
  const showTip = (u: uPlot, index: number, left: number, right: number): void => {
    const said = u.over.matches(':hover') || document.activeElement === host ? spec().tip?.(index) : null;
    tip.hidden = said === null || said === undefined;
    if (said === null || said === undefined) return;
    fillTip(tip, said);
    const [width, room] = [tip.offsetWidth, u.over.clientWidth];
    const beside = right + GAP + width > room ? left - width - GAP : right + GAP;
    const at = beside < -40 ? Math.max(-40, Math.min(room - width, left - width / 2)) : beside;
    tip.style.transform = `translate(${Math.round(at)}px, 4px)`;
  };
  const moved = (u: uPlot): void => {
    const index = indexOf(u);
    const { edges } = spec();
    if (index === null || index >= edges.length - 1) {
      hide();
      return;
    }
    const [left, right] = [u.valToPos((edges[index] as number) / 1_000, 'x'), u.valToPos((edges[index + 1] as number) / 1_000, 'x')];
    column.style.display = 'block';
    column.style.transform = `translateX(${left}px)`;
    column.style.width = `${Math.max(1, right - left)}px`;
    showTip(u, index, left, right);
  };
  const selected = (u: uPlot): void => {
    const { onZoom, edges } = spec();
    const { left, width } = u.select;
    if (onZoom === undefined || width < LEAST_DRAG) return;
    const [from, to] = [u.posToVal(left, 'x') * 1_000, u.posToVal(left + width, 'x') * 1_000];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    wasDragged = true;
    setTimeout(() => {
      wasDragged = false;
    }, 50);
    onZoom(edges.findLast((edge) => edge <= from) ?? (edges[0] as number), edges.find((edge) => edge >= to) ?? (edges.at(-1) as number));
  };

  const attach = (u: uPlot): (() => void) => {
    u.over.append(column, tip);
    u.over.addEventListener('click', () => {
      const index = indexOf(u);
      if (!wasDragged && index !== null) spec().onPick?.(index, u.posToVal(u.cursor.top ?? 0, 'y'));
    });
    u.over.addEventListener('mouseleave', () => {
      tip.hidden = true;
    });
    const onKey = (event: KeyboardEvent): void => {
      const last = u.data[0].length - 1;
      const at = indexOf(u);
      const next: Readonly<Record<string, number>> = {
        ArrowRight: Math.min(last, (at ?? -1) + 1),
        ArrowLeft: Math.max(0, (at ?? last + 1) - 1),
        Home: 0,
        End: last,
      };
      const index = next[event.key];
      if (event.key === 'Enter' && at !== null) spec().onPick?.(at, null);
      if (index === undefined) return;
      event.preventDefault();
      u.setCursor({ left: u.valToPos(u.data[0][index] as number, 'x'), top: 20 });
    };
    const onBlur = () => u.setCursor({ left: -10, top: -10 });
    host.addEventListener('keydown', onKey);
    host.addEventListener('blur', onBlur);
    return () => {
      host.removeEventListener('keydown', onKey);
      host.removeEventListener('blur', onBlur);
    };
  };
  return {
    cursor: {
      sync: { key: SYNC, scales: ['x', null] },
      x: false,
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG },
    },
    moved,
    selected,
    attach,
  };
};
