import type { Clock } from '../ports/clock.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { journalKey, manifestKey, RESULT_ROOTS } from '../storage/lake.ts';
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
 * Removes the files of retired generations, and of those that failed a while ago, except files that a kept generation
 * names. A generation's manifest and journal are removed last, so that the next run continues after an interruption or a
 * failure. A failure for one generation is logged, and the others are processed.
 */
export const sweep = async (ports: SweepPorts, list: Generations, staying: readonly Manifest[]): Promise<void> => {
  const { lake, clock, telemetry } = ports;
  const present = new Set<string>();
  for await (const { key } of lake.list('generations/', '')) present.add(key);
  const active = await list.active();
  const needed = new Set(staying.flatMap(namesIn));
  for (const { id, state, failedAtMs } of await list.list()) {
    const hasManifest = present.has(manifestKey(id));
    if (!(hasManifest || present.has(journalKey(id))) || id === active?.id) continue;
    try {
      if (state === 'retired') await removeRetired(lake, list, id, hasManifest, needed);
      if (state !== 'failed') continue;
      if (failedAtMs === undefined) await list.updateIf(id, (now) => now.state === 'failed', { failedAtMs: clock() });
      else if (failedAtMs < clock() - GRACE_MS) await removeFailed(lake, id, present.has(journalKey(id)), needed);
    } catch (error) {
      telemetry.error('Files of a generation could not be removed; the next run will retry', {
        generation: id,
        error: (error as Error).stack ?? String(error),
      });
    }
  }
};

const removeRetired = async (lake: ObjectStore, list: Generations, id: string, hasManifest: boolean, needed: ReadonlySet<string>): Promise<void> => {
  const manifest = hasManifest
    ? await readManifest(lake, list, id).catch((error) => {
        if (error instanceof DamagedError) return null;
        throw error;
      })
    : null;
  // If the run that published it could not.
  const journal = await journalOf(lake, id);
  if (journal === null) await removeOwn(lake, id, needed);
  else await journal.finish(manifest === null ? null : [...namesIn(manifest), ...needed]);
  if (!hasManifest) return;
  // Without its manifest, only the files that it wrote itself are known, by their names.
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

/** Everything that it wrote is under prefixes of its own, which its journal names; most files in its manifest belong to other generations. */
const removeFailed = async (lake: ObjectStore, id: string, hasJournal: boolean, needed: ReadonlySet<string>): Promise<void> => {
  await lake.remove([manifestKey(id)]);
  const journal = hasJournal ? await journalOf(lake, id) : null;
  // It was published before its manifest was damaged, or its journal is damaged.
  if (journal === null) await removeOwn(lake, id, needed);
  else await journal.discard(isIn(needed));
};

/** Null if it is damaged. */
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

/** Removes the files that a generation's own runs wrote, except those that others need, and its journal. */
const removeOwn = async (lake: ObjectStore, id: string, needed: ReadonlySet<string>): Promise<void> => {
  const isNeeded = isIn(needed);
  for (const root of RESULT_ROOTS) {
    const left: string[] = [];
    for await (const { key } of lake.list(root, '')) if (key.includes(`/run=${id}-`) && !isNeeded(key)) left.push(key);
    await lake.remove(left);
  }
  await lake.remove([journalKey(id)]);
};
