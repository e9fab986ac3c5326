import { unstamp } from '../domain/epochs.ts';
import { cellPartition, slicesBefore } from '../domain/keys.ts';
import { eventsPrefix, manifestKey } from '../domain/lake.ts';
import type { Generation, Generations } from './generations.ts';
import { openJournal } from './journal.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { RecomputePorts } from './recompute.ts';

/** A query that read the pointer before this run ends long before. */
const GRACE_MS = 3_600_000;

/**
 * Lets go of what no generation that may be activated needs: cells of epochs before the oldest one's horizon, the oldest
 * generations themselves, and the files that only they name.
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

  if (leaving.length === 0) return;
  const needed = new Set(staying.flatMap(namesIn));
  for (const id of leaving) {
    // Where the run that published it could not.
    await (await openJournal(lake, id, () => Number.POSITIVE_INFINITY)).finish();
    const names = namesIn(await readManifest(lake, id)).filter((name) => !needed.has(name));
    const files: string[] = [];
    for (const name of names) {
      if (!name.endsWith('/')) files.push(name);
      else for await (const { key } of lake.list(name, '')) files.push(key);
    }
    await lake.remove([...files, manifestKey(id)]);
  }
};

/** Files, and folders ending in a slash, that a manifest names. */
const namesIn = ({ events, metrics }: Manifest): string[] => [
  ...Object.entries(events).flatMap(([type, days]) => Object.entries(days).flatMap(([day, runs]) => runs.map((run) => eventsPrefix({ run, type, day })))),
  ...Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat())),
];
