import type { BaseWindow } from '../definition/definition.ts';
import { batchSizes, WINDOW_MS, type WindowKey, type WindowSize } from '../definition/windows.ts';
import type { Range } from './plan.ts';

/** A part of one UTC day that is covered exactly by stored windows of one size. */
export interface Tile {
  readonly day: string;
  readonly size: WindowSize;
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY = WINDOW_MS['1d'];
const HOUR = WINDOW_MS['1h'];

/**
 * Splits a range, as far as it falls on these days (YYYY-MM-DD), into the coarsest stored windows that fit it and are not
 * split by a pane of the answer. Only days that have data are looked at: a range may span thousands of years.
 */
export const tilesOf = (days: readonly string[], { fromMs, toMs }: Range, isOnePane: (fromMs: number, toMs: number) => boolean, base: BaseWindow): Tile[] => {
  const isWhole = (startMs: number, length: number) => startMs >= fromMs && startMs + length <= toMs && isOnePane(startMs, startMs + length);
  const [finest = base] = batchSizes(base);
  const tiles: Tile[] = [];
  const add = (day: string, size: WindowSize, startMs: number, endMs: number) => {
    const last = tiles.at(-1);
    if (last?.day === day && last.size === size && last.toMs === startMs) tiles[tiles.length - 1] = { ...last, toMs: endMs };
    else tiles.push({ day, size, fromMs: startMs, toMs: endMs });
  };
  for (const day of days) {
    const dayMs = Date.parse(day);
    if (dayMs + DAY <= fromMs || dayMs >= toMs) continue;
    if (isWhole(dayMs, DAY)) {
      add(day, '1d', dayMs, dayMs + DAY);
      continue;
    }
    for (let hourMs = dayMs; hourMs < dayMs + DAY; hourMs += HOUR) {
      const [start, end] = [Math.max(hourMs, fromMs), Math.min(hourMs + HOUR, toMs)];
      if (start >= end) continue;
      add(day, isWhole(hourMs, HOUR) ? '1h' : finest, start, end);
    }
  }
  return tiles;
};

/** Whether a window's rows are asked for. */
export type IsWanted = (window: WindowKey, startMs: number) => boolean;

/** The files that hold the tiles' windows, in their order, each with whether a window belongs to one of them: a file may hold several days. */
export const tilesByFile = (
  views: Readonly<Record<string, Readonly<Partial<Record<WindowSize, readonly string[]>>>>>,
  tiles: readonly Tile[],
): Map<string, IsWanted> => {
  const byFile = new Map<string, Map<string, Tile[]>>();
  for (const tile of tiles)
    for (const file of views[tile.day]?.[tile.size] ?? []) {
      const days = byFile.get(file) ?? new Map<string, Tile[]>();
      byFile.set(file, days.set(tile.day, [...(days.get(tile.day) ?? []), tile]));
    }
  const isIn =
    (days: ReadonlyMap<string, readonly Tile[]>): IsWanted =>
    (window, startMs) =>
      days.get(window.slice(0, 10))?.some(({ fromMs, toMs }) => startMs >= fromMs && startMs < toMs) ?? false;
  return new Map([...byFile].map(([file, days]) => [file, isIn(days)]));
};
