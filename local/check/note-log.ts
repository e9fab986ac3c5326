import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import { checkpointKey } from '../../shared/storage/keys.ts';

/**
 * Notes the log's open shards in the cell store, before any consumer has processed anything of them: from then on a start can
 * detect whether the log is missing, or another one. A shard that a consumer has begun is known already.
 */
export const noteLog = async (store: CellStore, log: Pick<EventLog, 'shards'>): Promise<void> => {
  const keys = (await log.shards()).filter(({ open }) => open).map(({ id }) => checkpointKey('aggregate', id));
  const found = await store.get(keys);
  const missing = keys.filter((_, i) => found[i] === null);
  if (missing.length === 0) return;
  await store.put(missing.map((key) => ({ cell: { ...key, version: '0', body: Buffer.alloc(0) }, expected: null, expiresAtMs: null })));
};
