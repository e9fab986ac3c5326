import { z } from 'zod';
import type { ObjectStore } from '../ports/object-store.ts';
import { DAMAGE, type Damage, MAX_DAMAGED, quarantineFiles, type Selection, takeOut } from './quarantine-files.ts';

/** The result of a removal. */
export const REMOVED = z.object({
  removed: z.int().describe('Entries that are gone for good.'),
  damaged: z.array(DAMAGE).describe('Files that cannot be read completely; what cannot be read stays as it is.'),
  more: z.boolean().describe('Whether some are left, because the limit or the time for an answer was reached: call again.'),
});

/** Reading a file of 64 MB, and compressing again what stays of it, takes less. */
const SPARE_MS = 8_000;

/** Deletes quarantined entries for good, at most as many as the selection's limit. @param msLeft how long the caller still waits. */
export const remove = async (lake: ObjectStore, selection: Selection, msLeft: () => number): Promise<z.infer<typeof REMOVED>> => {
  const damaged: Damage[] = [];
  let removed = 0;
  for await (const file of quarantineFiles(lake, selection, null)) {
    if (damaged.length >= MAX_DAMAGED || msLeft() < SPARE_MS) return { removed, damaged, more: true };
    damaged.push(...file.damage);
    const some = file.entries.slice(0, selection.limit - removed);
    if (some.length > 0) await takeOut(lake, file, some);
    removed += some.length;
    if (some.length < file.entries.length) return { removed, damaged, more: true };
  }
  return { removed, damaged, more: false };
};
