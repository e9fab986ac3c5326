/** An LRU cache of at most `maxBytes`. A value that is larger by itself is not kept. */
export const byteCache = <T>(maxBytes: number, bytesOf: (value: T) => number) => {
  const cache = new Map<string, T>();
  let cached = 0;
  const drop = (name: string, value: T): void => {
    cache.delete(name);
    cached -= bytesOf(value);
  };
  return {
    /** The cached value, which counts as used now. */
    get: (name: string): T | undefined => {
      const value = cache.get(name);
      if (value === undefined) return undefined;
      cache.delete(name);
      cache.set(name, value);
      return value;
    },
    /** Replaces a value of the same name. */
    set: (name: string, value: T): void => {
      const older = cache.get(name);
      if (older !== undefined) drop(name, older);
      cache.set(name, value);
      cached += bytesOf(value);
      for (const [oldest, old] of cache) {
        if (cached <= maxBytes) break;
        drop(oldest, old);
      }
    },
  };
};
