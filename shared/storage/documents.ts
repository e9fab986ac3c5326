import type { CellKey, CellRange, CellStore } from '../ports/cell-store.ts';

/** A JSON document, and how it is changed: by compare-and-set on a version that counts its changes. */
export interface Documents<T> {
  get(sort: string): Promise<T | null>;
  /** Those with from ≤ sort < to, ordered by sort key. */
  list(from: string, to: string): Promise<T[]>;
  /** Stores those whose key is free. Returns which were stored. */
  create(documents: readonly { readonly sort: string; readonly document: T }[]): Promise<readonly boolean[]>;
  /**
   * Updates one, retrying on the new content if somebody else changed it meanwhile. `change` gets null if there is none, and
   * may return its argument to leave it as it is. Returns the document that is stored afterwards.
   */
  update(sort: string, change: (before: T | null) => T | null | Promise<T | null>): Promise<T | null>;
}

/**
 * The JSON documents of one partition of the cell store, updated by compare-and-set (optimistic concurrency).
 * @example const exclusions = documents<StoredExclusion>(store, 'exclusions');
 */
export const documents = <T>(store: CellStore, partition: string): Documents<T> => {
  const key = (sort: string): CellKey => ({ partition, sort });
  const parse = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString()) as T;
  const encode = (document: T | null) => Buffer.from(JSON.stringify(document));
  return {
    get: async (sort) => {
      const [cell] = await store.get([key(sort)]);
      return cell == null ? null : parse(cell.body);
    },
    list: async (from, to) => (await store.query({ partition, from, to } satisfies CellRange)).map(({ body }) => parse(body)),
    create: (created) =>
      store.put(created.map(({ sort, document }) => ({ cell: { ...key(sort), version: '1', body: encode(document) }, expected: null, expiresAtMs: null }))),
    update: async (sort, change) => {
      for (;;) {
        const [cell] = await store.get([key(sort)]);
        const before = cell == null ? null : parse(cell.body);
        const after = await change(before);
        if (after === before) return before;
        const version = String(Number(cell?.version ?? 0) + 1);
        const [written] = await store.put([{ cell: { ...key(sort), version, body: encode(after) }, expected: cell?.version ?? null, expiresAtMs: null }]);
        if (written === true) return after;
      }
    },
  };
};
