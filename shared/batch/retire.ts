import { unstamp } from '../domain/epochs.ts';
import { cellPartition, slicesBefore } from '../domain/keys.ts';
import { type Generation, type Generations, GRACE_MS } from './generations.ts';
import { readManifest } from './manifest.ts';
import type { RecomputePorts } from './recompute.ts';
import { sweep } from './sweep.ts';

/**
 * Lets go of what no generation that may be activated needs: the oldest generations themselves, cells of epochs before the
 * horizon of the oldest that stays, and files.
 */
export const retire = async ({ store, lake, clock, keep }: RecomputePorts, list: Generations): Promise<void> => {
  const active = await list.active();
  // One that was requested early may have waited for its horizon, and so be the newer one.
  const published = (await list.list()).filter(({ state }) => state === 'published').sort((a, b) => (a.publishedAtMs ?? 0) - (b.publishedAtMs ?? 0));
  const leaving: string[] = [];
  for (const { id } of published.slice(0, Math.max(0, published.length - keep))) {
    // Somebody may be going back to it at this very moment.
    const isLeft = ({ state, activatedAtMs = 0 }: Generation) => state === 'published' && activatedAtMs < clock() - GRACE_MS;
    if (id !== active?.id && (await list.updateIf(id, isLeft, { state: 'retired' })) !== null) leaving.push(id);
  }
  const staying = await Promise.all(published.filter(({ id }) => !leaving.includes(id)).map(({ id }) => readManifest(lake, id)));

  const oldestMs = Math.min(...staying.map(({ horizonMs }) => horizonMs));
  const expireAtMs = clock() + GRACE_MS;
  for (const { sort: metric } of await store.query({ partition: 'definitions', from: '', to: '~' })) {
    const range = slicesBefore(metric, oldestMs);
    for (const { sort } of await store.query(range)) {
      const [epoch = '', shard = ''] = sort.split('#');
      await store.expire({ partition: cellPartition(metric, unstamp(epoch), shard), from: '', to: '~' }, expireAtMs);
      await store.expire({ ...range, from: sort, to: `${sort} ` }, expireAtMs);
    }
  }

  await sweep({ lake, clock }, list, staying);
};
