import { namesIn } from '../../shared/batch/generation-files.ts';
import { generations } from '../../shared/batch/generations.ts';
import type { Manifest } from '../../shared/batch/manifest.ts';
import { recompute } from '../../shared/batch/recompute.ts';
import type { RecomputePorts } from '../../shared/batch/recompute-ports.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { manifestKey, RESULT_ROOTS } from '../../shared/storage/lake.ts';

/** Builds one generation from every raw line, and activates it. Its number follows all earlier numbers. */
export const buildGeneration = async (ports: RecomputePorts, { horizonMs, listed }: { horizonMs: number; listed: readonly string[] }): Promise<string> => {
  const { lake, store, clock } = ports;
  const list = generations(store);
  const known = [...listed];
  for await (const { key } of lake.list('generations/', '')) known.push(...(/g\d+/.exec(key)?.slice(0, 1) ?? []));
  const newest = Math.max(0, ...known.map((id) => Number(id.slice(1))));
  const { id } = await list.requestAfter(newest, clock());
  await list.update(id, { state: 'running', plan: { horizonMs, base: null } });
  for (;;) {
    const generation = await recompute(ports, () => Number.POSITIVE_INFINITY);
    if (generation?.state === 'published') return id;
    if (generation === null || generation.state === 'failed')
      throw new Error(`Expected a generation of all raw lines, got: ${generation?.error ?? 'none'}. Fix that, and run the repair again.`);
  }
};

/** Removes the files of older generations: the new one has all of their data. */
export const removeOthers = async (lake: ObjectStore, manifest: Manifest): Promise<void> => {
  const names = new Set(namesIn(manifest));
  const isNeeded = (key: string) => key === manifestKey(manifest.id) || names.has(key) || names.has(key.slice(0, key.lastIndexOf('/') + 1));
  for (const prefix of ['generations/', ...RESULT_ROOTS]) {
    const left: string[] = [];
    for await (const { key } of lake.list(prefix, '')) if (!isNeeded(key)) left.push(key);
    await lake.remove(left);
  }
};
