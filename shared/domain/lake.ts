/** Where everything stands in the lake. Epochs and days sort as text. */

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.000/g, '');

/** raw/epoch=20261121T100000Z/ */
export const rawPrefix = (epochMs: number): string => `raw/epoch=${stamp(epochMs)}/`;
/** The last sequence number is part of the name, so that a shorter rewrite by a slow invocation never replaces a longer one. */
export const rawKey = (epochMs: number, shard: string, first: string, last: string): string => `${rawPrefix(epochMs)}${shard}-${first}-${last}.ndjson.gz`;
export const eventsPrefix = ({ run, type, day }: { run: string; type: string; day: string }): string => `events/run=${run}/type=${type}/day=${day}/`;
export const eventsRoot = (run: string): string => `events/run=${run}/`;
export const viewsPrefix = (metric: string, run: string): string => `views/metric=${metric}/run=${run}/`;
export const manifestKey = (generation: string): string => `generations/${generation}.json.gz`;
export const QUARANTINE = 'quarantine/';
