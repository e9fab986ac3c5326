import type { CellStore } from '../ports/cell-store.ts';
import type { RawFile } from '../storage/lake.ts';
import { generations } from './generations.ts';
import { recovered } from './recovered.ts';

/**
 * Notes raw files of epochs that a generation has taken over, or is about to, so that the next one takes them in. It does
 * not happen while the stores know each other; where it does all the same, no event is lost. Answers the files.
 */
export const noteBehind = async (store: CellStore, shard: string, files: readonly RawFile[]): Promise<readonly RawFile[]> => {
  if (files.length === 0) return files;
  // After the files are written: a run that has not listed them then is among these.
  const all = await generations(store).list();
  const horizonMs = Math.max(0, ...all.flatMap(({ state, plan }) => (state === 'running' || state === 'published' ? (plan?.horizonMs ?? 0) : 0)));
  const behind = files.filter(({ epochMs }) => epochMs < horizonMs);
  if (behind.length > 0) await recovered(store).note(behind.map(({ key, epochMs, first, last }) => ({ key, epochMs, shard, first, last })));
  return behind;
};
