import type { CellStore } from '../ports/cell-store.ts';
import type { RawFile } from '../storage/lake.ts';
import { generations } from './generations.ts';
import { recovered } from './recovered.ts';

/**
 * Notes raw files of epochs before the horizon of a published or running generation, so that the next generation includes
 * them. This cannot happen while the stores are consistent with each other; if it happens all the same, no event is lost.
 * Returns those files.
 */
export const noteBehind = async (store: CellStore, shard: string, files: readonly RawFile[]): Promise<readonly RawFile[]> => {
  if (files.length === 0) return files;
  // Read after the files are written: a run that started too early to list them is then in this list.
  const all = await generations(store).list();
  const horizonMs = Math.max(0, ...all.flatMap(({ state, plan }) => (state === 'running' || state === 'published' ? (plan?.horizonMs ?? 0) : 0)));
  const behind = files.filter(({ epochMs }) => epochMs < horizonMs);
  if (behind.length > 0) await recovered(store).note(behind.map(({ key, epochMs, first, last }) => ({ key, epochMs, shard, first, last })));
  return behind;
};
