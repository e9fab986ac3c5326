import { eventsPrefix, journalKey, manifestKey } from '../domain/lake.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type Generations, GRACE_MS } from './generations.ts';
import { openJournal } from './journal.ts';
import { type Manifest, readManifest } from './manifest.ts';

interface SweepPorts {
  readonly lake: ObjectStore;
  readonly clock: Clock;
}

/**
 * Removes the files of generations that were retired, and of those that failed a while ago, as far as none that stays names
 * them. A generation's manifest and journal go last, so that what was cut off, or could not be removed, is the next run's.
 */
export const sweep = async (ports: SweepPorts, list: Generations, staying: readonly Manifest[]): Promise<void> => {
  const { lake, clock } = ports;
  const standing = new Set<string>();
  for await (const { key } of lake.list('generations/', '')) standing.add(key);
  const active = await list.active();
  const needed = new Set(staying.flatMap(namesIn));
  for (const { id, state, failedAtMs } of await list.list()) {
    const hasManifest = standing.has(manifestKey(id));
    if (!(hasManifest || standing.has(journalKey(id))) || id === active?.id) continue;
    if (state === 'retired') await removeRetired(lake, id, hasManifest, needed);
    if (state !== 'failed') continue;
    if (failedAtMs === undefined) await list.updateIf(id, (now) => now.state === 'failed', { failedAtMs: clock() });
    else if (failedAtMs < clock() - GRACE_MS) await removeFailed(lake, id, needed);
  }
};

const removeRetired = async (lake: ObjectStore, id: string, hasManifest: boolean, needed: ReadonlySet<string>): Promise<void> => {
  // Where the run that published it could not.
  await (await openJournal(lake, id, () => Number.POSITIVE_INFINITY)).finish();
  if (!hasManifest) return;
  const names = namesIn(await readManifest(lake, id)).filter((name) => !needed.has(name));
  const files: string[] = [];
  for (const name of names) {
    if (!name.endsWith('/')) files.push(name);
    else for await (const { key } of lake.list(name, '')) files.push(key);
  }
  await lake.remove(files);
  await lake.remove([manifestKey(id)]);
};

/** All that it wrote stands under prefixes of its own, which its journal names; of its manifest, the most is other generations'. */
const removeFailed = async (lake: ObjectStore, id: string, needed: ReadonlySet<string>): Promise<void> => {
  await lake.remove([manifestKey(id)]);
  const isNeeded = (file: string) => needed.has(file) || needed.has(file.slice(0, file.lastIndexOf('/') + 1));
  await (await openJournal(lake, id, () => Number.POSITIVE_INFINITY)).discard(isNeeded);
};

/** Files, and folders ending in a slash, that a manifest names. */
const namesIn = ({ events, metrics }: Manifest): string[] => [
  ...Object.entries(events).flatMap(([type, days]) => Object.entries(days).flatMap(([day, runs]) => runs.map((run) => eventsPrefix({ run, type, day })))),
  ...Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat())),
];
