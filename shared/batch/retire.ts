import { DamagedError } from '../ports/damaged.ts';
import { cellPartition, definitionsRange, readSliceSort, sliceExpires, slicesBefore } from '../storage/keys.ts';
import { type Generation, type Generations, GRACE_MS } from './generations.ts';
import { OutOfTimeError } from './journal.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { RecomputePorts } from './recompute-ports.ts';
import { sweep } from './sweep.ts';

/**
 * Removes what no generation that can still be activated needs: the oldest generations themselves, cells of epochs before
 * the horizon of the oldest that is kept, and files. A generation whose manifest is damaged cannot be activated; it is
 * logged and skipped.
 * @param msLeft how long the run may still take.
 */
export const retire = async (
  { store, lake, clock, keep, telemetry }: Pick<RecomputePorts, 'store' | 'lake' | 'clock' | 'keep' | 'telemetry'>,
  list: Generations,
  msLeft: () => number,
): Promise<void> => {
  const active = await list.active();
  // A generation that was requested early may have waited for its horizon, and so be the newer one.
  const published = (await list.list()).filter(({ state }) => state === 'published').sort((a, b) => (a.publishedAtMs ?? 0) - (b.publishedAtMs ?? 0));
  const leaving: string[] = [];
  for (const { id } of published.slice(0, Math.max(0, published.length - keep))) {
    // Somebody may be rolling back to it at this very moment.
    const isUnused = ({ state, activatedAtMs = 0 }: Generation) => state === 'published' && activatedAtMs < clock() - GRACE_MS;
    if (id !== active?.id && (await list.updateIf(id, isUnused, { state: 'retired' })) !== null) leaving.push(id);
  }
  const staying: Manifest[] = [];
  for (const { id } of published) {
    if (leaving.includes(id)) continue;
    try {
      staying.push(await readManifest(lake, list, id));
    } catch (error) {
      // Only its manifest knows which files the active generation needs; a repair will write another.
      if (!(error instanceof DamagedError) || id === active?.id) throw error;
      telemetry.error('A generation cannot be activated any more: its manifest is damaged', { generation: id, file: error.file, problem: error.problem });
      await list.updateIf(id, ({ state }) => state === 'published', { state: 'failed', failedAtMs: clock(), error: error.message });
    }
  }

  const oldestMs = Math.min(...staying.map(({ horizonMs }) => horizonMs));
  // Files first: cells may take longer than the run has. Neither waits for the other's success.
  try {
    await sweep({ lake, clock, telemetry }, list, staying);
  } finally {
    await retireCells({ store, clock, telemetry }, oldestMs, () => msLeft() > SPARE_MS);
  }
};

/** What the rest of a run takes. */
const SPARE_MS = 60_000;

/** Unless they expire by themselves, makes the cells of epochs before the oldest horizon that is kept expire, slice by slice. What is left over, the next generation's run retires. */
const retireCells = async (
  { store, clock, telemetry }: Pick<RecomputePorts, 'store' | 'clock' | 'telemetry'>,
  oldestMs: number,
  mayGoOn: () => boolean,
): Promise<void> => {
  const expireAtMs = clock() + GRACE_MS;
  try {
    for (const { sort: metric } of await store.query(definitionsRange)) {
      const range = slicesBefore(metric, oldestMs);
      for (const { sort, body } of await store.query(range)) {
        if (sliceExpires(body)) continue;
        const { epochMs, shard } = readSliceSort(sort);
        const cells = { partition: cellPartition(metric, epochMs, shard), from: '', to: '~' };
        if (!(mayGoOn() && (await store.expire(cells, expireAtMs, mayGoOn))))
          throw new OutOfTimeError(`Expected time to retire the cells of ${metric} before ${new Date(oldestMs).toISOString()}, got none from ${sort} on`);
        await store.expire({ ...range, from: sort, to: `${sort} ` }, expireAtMs);
        telemetry.count('retired_slices', 1);
      }
    }
  } catch (error) {
    telemetry.count('retire_failures', 1);
    telemetry.error('Cells that no generation needs could not all be retired; the next generation continues', {
      error: (error as Error).stack ?? String(error),
    });
  }
};
