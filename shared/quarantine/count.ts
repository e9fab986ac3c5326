import { REASONS } from '../ingest/submitted.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { keptFor } from '../request/kept-for.ts';
import { quarantineHour, quarantineRoot } from '../storage/lake.ts';
import { DELIVERY_LAG_MS, readQuarantineFile } from './quarantine-files.ts';

/** How much was rejected in the last ten minutes, and how much waits in all. */
export type RejectedCount = () => Promise<{ readonly rejected: number; readonly waiting: number; readonly more: boolean }>;

const RECENT_MS = 600_000;
/** Files are read once, since they only change when entries leave them. */
const KEPT_MS = 10_000;
/** Files of one count, and how many of them are read that were not before. */
const [MAX_FILES, MAX_NEW] = [10_000, 1_000];

interface Entry {
  readonly id: string;
  readonly receivedAtMs: number;
}

/** Counts the quarantine where its files are small and near: on one machine. */
export const rejectedCount = (lake: ObjectStore, clock: Clock): RejectedCount => {
  let known = new Map<string, readonly Entry[]>();
  const entriesOf = async (key: string): Promise<readonly Entry[]> => {
    const bytes = await lake.get(key);
    const lines = bytes === null ? [] : (await readQuarantineFile(key, bytes)).lines;
    return lines.flatMap(({ entry }) => (entry === null ? [] : [{ id: entry.id, receivedAtMs: Date.parse(entry.receivedAt) }]));
  };
  return keptFor(KEPT_MS, clock, async () => {
    const fromMs = clock() - RECENT_MS;
    const listed = new Map<string, string>();
    // The newest first: they say whether something is wrong now.
    for (const after of [quarantineHour(fromMs - DELIVERY_LAG_MS), ''])
      for (const reason of REASONS) {
        let files = 0;
        for await (const { key, bytes } of lake.list(quarantineRoot(reason), quarantineRoot(reason) + after)) {
          if (++files > MAX_FILES) break;
          listed.set(`${key} ${bytes}`, key);
        }
      }
    const now = new Map<string, readonly Entry[]>();
    let fresh = 0;
    for (const [name, key] of listed) {
      const entries = known.get(name) ?? (++fresh > MAX_NEW ? null : await entriesOf(key));
      if (entries !== null) now.set(name, entries);
    }
    known = now;
    const all = [...now.values()].flat();
    return {
      rejected: all.filter(({ receivedAtMs }) => receivedAtMs >= fromMs).length,
      waiting: new Set(all.map(({ id }) => id)).size,
      more: now.size < listed.size || listed.size >= MAX_FILES,
    };
  });
};
