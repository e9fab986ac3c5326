/**
 * What a consumer remembers between batches, by shard, within a limit of bytes over all shards: an LRU cache that drops whole
 * shards. A dropped one is loaded again from the store. A batch takes its shard's cache out, so a concurrent batch has none.
 */
export const shardCaches = <C>(maxBytes: number, bytesOf: (cache: C) => number, onDrop: () => void) => {
  const caches = new Map<string, C>();
  return {
    take: (shard: string): C | null => {
      const cache = caches.get(shard) ?? null;
      caches.delete(shard);
      return cache;
    },
    keep: (shard: string, cache: C): void => {
      caches.delete(shard);
      caches.set(shard, cache);
      let bytes = [...caches.values()].reduce((sum, one) => sum + bytesOf(one), 0);
      for (const [oldest, dropped] of caches) {
        if (bytes <= maxBytes || oldest === shard) break;
        bytes -= bytesOf(dropped);
        caches.delete(oldest);
        onDrop();
      }
    },
  };
};
