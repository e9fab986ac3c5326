import type { ObjectStore } from '../ports/object-store.ts';
import { stamp } from './epochs.ts';

/** Where everything stands in the lake. Epochs and days sort as text. */

/** raw/epoch=20261121T100000Z/ */
export const rawPrefix = (epochMs: number): string => `raw/epoch=${stamp(epochMs)}/`;
/** The last sequence number is part of the name, so that a shorter rewrite by a slow invocation never replaces a longer one. */
export const rawKey = (epochMs: number, shard: string, first: string, last: string): string => `${rawPrefix(epochMs)}${shard}-${first}-${last}.ndjson.gz`;
/** The raw files of the epochs from ≤ epoch < to. */
export const rawKeys = async (lake: ObjectStore, fromMs: number, toMs: number): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of lake.list('raw/', rawPrefix(fromMs))) {
    if (key >= rawPrefix(toMs)) break;
    keys.push(key);
  }
  return keys;
};
export const eventsPrefix = ({ run, type, day }: { run: string; type: string; day: string }): string => `events/run=${run}/type=${type}/day=${day}/`;
export const eventsRoot = (run: string): string => `events/run=${run}/`;
export const viewsRoot =
  (metric: string) =>
  (run: string): string =>
    `views/metric=${metric}/run=${run}/`;
/** For other tools: which files of the active generation hold a metric's windows of one size. */
export const linkKey = (metric: string, size: string): string => `links/metric=${metric}/window_size=${size}/files.txt`;
export const manifestKey = (generation: string): string => `generations/${generation}.json.gz`;
/** Of its making; gone once it is published. */
export const journalKey = (generation: string): string => `generations/${generation}.journal.json`;
/** quarantine/reason=invalid/2026/11/21/10/ */
export const quarantinePrefix = (reason: string, ms: number): string => `${quarantineRoot(reason)}${quarantineHour(ms)}`;
export const quarantineRoot = (reason: string): string => `quarantine/reason=${reason}/`;
export const quarantineHour = (ms: number): string => `${new Date(ms).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;
