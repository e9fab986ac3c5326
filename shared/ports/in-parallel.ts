/**
 * Works on every item, at most `limit` at a time; returns the results in their order. After a failure no new work begins,
 * and it throws only once all work under way has ended.
 * @example await inParallel(8, keys, (key) => store.remove(key));
 */
export const inParallel = async <T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  const rest = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [i, item] of rest) {
      if (failed) return;
      results[i] = await work(item).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
};
