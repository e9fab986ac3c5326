import type { Clock } from '../ports/clock.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { journalKey, manifestKey } from '../storage/lake.ts';
import { namesIn } from './generation-files.ts';
import { type Generations, GRACE_MS } from './generations.ts';
import { type Journal, openJournal } from './journal.ts';
import { type Manifest, readManifest } from './manifest.ts';

interface SweepPorts {
  readonly lake: ObjectStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Removes the files of generations that were retired, and of those that failed a while ago, as far as none that stays names
 * them. A generation's manifest and journal go last, so that what was cut off, or could not be removed, is the next run's.
 * What fails for one generation is named, and the others are done.
 */
export const sweep = async (ports: SweepPorts, list: Generations, staying: readonly Manifest[]): Promise<void> => {
  const { lake, clock, telemetry } = ports;
  const standing = new Set<string>();
  for await (const { key } of lake.list('generations/', '')) standing.add(key);
  const active = await list.active();
  const needed = new Set(staying.flatMap(namesIn));
  for (const { id, state, failedAtMs } of await list.list()) {
    const hasManifest = standing.has(manifestKey(id));
    if (!(hasManifest || standing.has(journalKey(id))) || id === active?.id) continue;
    try {
      if (state === 'retired') await removeRetired(lake, list, id, hasManifest, needed);
      if (state !== 'failed') continue;
      if (failedAtMs === undefined) await list.updateIf(id, (now) => now.state === 'failed', { failedAtMs: clock() });
      else if (failedAtMs < clock() - GRACE_MS) await removeFailed(lake, id, standing.has(journalKey(id)), needed);
    } catch (error) {
      telemetry.error('Files of a generation could not be removed; the next run tries again', {
        generation: id,
        error: (error as Error).stack ?? String(error),
      });
    }
  }
};

const removeRetired = async (lake: ObjectStore, list: Generations, id: string, hasManifest: boolean, needed: ReadonlySet<string>): Promise<void> => {
  // Where the run that published it could not.
  const journal = await journalOf(lake, id);
  if (journal === null) await removeOwn(lake, id, needed);
  else await journal.finish();
  if (!hasManifest) return;
  const manifest = await readManifest(lake, list, id).catch((error) => {
    if (error instanceof DamagedError) return null;
    throw error;
  });
  // Without its manifest, what it wrote itself is known by its name.
  if (manifest === null) await removeOwn(lake, id, needed);
  const names = manifest === null ? [] : namesIn(manifest).filter((name) => !needed.has(name));
  const files: string[] = [];
  for (const name of names) {
    if (!name.endsWith('/')) files.push(name);
    else for await (const { key } of lake.list(name, '')) files.push(key);
  }
  await lake.remove(files);
  await lake.remove([manifestKey(id)]);
};

/** All that it wrote stands under prefixes of its own, which its journal names; of its manifest, the most is other generations'. */
const removeFailed = async (lake: ObjectStore, id: string, hasJournal: boolean, needed: ReadonlySet<string>): Promise<void> => {
  await lake.remove([manifestKey(id)]);
  const journal = hasJournal ? await journalOf(lake, id) : null;
  // It was published before its manifest was damaged, or its journal is.
  if (journal === null) await removeOwn(lake, id, needed);
  else await journal.discard(isIn(needed));
};

/** Null where it is damaged. */
const journalOf = async (lake: ObjectStore, id: string): Promise<Journal | null> => {
  try {
    return await openJournal(lake, id, () => Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
  }
};

const isIn =
  (needed: ReadonlySet<string>) =>
  (file: string): boolean =>
    needed.has(file) || needed.has(file.slice(0, file.lastIndexOf('/') + 1));

/** Removes the files of a generation's own runs, but for those that others need, and its journal. */
const removeOwn = async (lake: ObjectStore, id: string, needed: ReadonlySet<string>): Promise<void> => {
  const isNeeded = isIn(needed);
  for (const root of ['events/', 'views/']) {
    const left: string[] = [];
    for await (const { key } of lake.list(root, '')) if (key.includes(`/run=${id}-`) && !isNeeded(key)) left.push(key);
    await lake.remove(left);
  }
  await lake.remove([journalKey(id)]);
};
