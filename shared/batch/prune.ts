import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { journalKey, manifestKey } from '../storage/lake.ts';
import { type Generation, type Generations, rangeOf } from './generations.ts';

/** Ended generations without files in the lake are kept in the list, so that their errors can be read. */
const KEPT = 50;

const isEnded = ({ state }: Generation): boolean => state === 'retired' || state === 'failed';

/** Shortens the list of generations, because every run reads all of it. */
export const prune = async ({ store, lake, clock }: { store: CellStore; lake: ObjectStore; clock: Clock }, list: Generations): Promise<void> => {
  const all = await list.list();
  const oldest = all.filter(isEnded).slice(0, -KEPT);
  if (oldest.length === 0) return;
  const present = new Set<string>();
  for await (const { key } of lake.list('generations/', '')) present.add(key);
  const leaving = new Set(oldest.filter(({ id }) => !present.has(manifestKey(id)) && !present.has(journalKey(id))).map(({ id }) => id));
  // The id of the newest determines the next one.
  leaving.delete(all.at(-1)?.id ?? '');
  // Consecutive ones are removed by one call.
  let run: string[] = [];
  for (const { id } of [...all, { id: '' }]) {
    if (leaving.has(id)) run.push(id);
    else if (run.length > 0) {
      await store.expire(rangeOf(run[0] as string, run.at(-1) as string), clock());
      run = [];
    }
  }
};
