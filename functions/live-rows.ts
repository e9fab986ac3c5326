import type { Pipeline } from '../shared/definition/define.ts';
import { type CurrentRows, currentRows } from '../shared/live/current-rows.ts';
import type { Platform } from '../shared/platforms/platform.ts';

/** The rows that live messages hold, over the ports of a platform. No Lambda: those that send messages call it. */
export const bind = (
  pipeline: Pipeline,
  { cellStore, clock, eventLog, lake, settings }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'lake' | 'settings'>,
): CurrentRows => currentRows({ pipeline, store: cellStore(), lake: lake(), log: eventLog(), clock, cellsKeptMs: settings().cellsKeptMs });
