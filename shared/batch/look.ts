import type { Horizon } from '../consume/horizon.ts';
import type { CellKey, CellStore } from '../ports/cell-store.ts';

/** What the batch layer's last run saw: who has no rights on the log asks this. */
export interface Look {
  /** The horizon, in epoch milliseconds, and the shard that held it back. */
  readonly horizon: Horizon;
  /** The generation that was active, and up to where it was found to hold everything: nothing came since its own horizon. */
  readonly generation: string | null;
  readonly wholeUntilMs: number;
}

const KEY: CellKey = { partition: 'batch', sort: 'look' };

export const readLook = async (store: CellStore): Promise<Look | null> => {
  const [cell] = await store.get([KEY]);
  return cell == null ? null : (JSON.parse(Buffer.from(cell.body).toString()) as Look);
};

/** Whoever comes second has seen no less. */
export const noteLook = async (store: CellStore, look: Look): Promise<void> => {
  const [cell] = await store.get([KEY]);
  const body = Buffer.from(JSON.stringify(look));
  if (cell != null && body.equals(cell.body)) return;
  await store.put([{ cell: { ...KEY, version: String(Number(cell?.version ?? 0) + 1), body }, expected: cell?.version ?? null, expiresAtMs: null }]);
};
