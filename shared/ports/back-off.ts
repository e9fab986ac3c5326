/**
 * Capped exponential back-off: how long to wait before another try, in milliseconds. The first wait is `firstMs`; each
 * further failure doubles it, up to `maxMs`. If many callers may fail at the same moment, they should multiply it by a
 * random number (full jitter, aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 * @param failures how often it has failed in a row, from 1 up.
 * @example await sleep(random() * backOffMs(failures, { firstMs: 50, maxMs: 2_000 }));
 */
export const backOffMs = (failures: number, { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number }): number =>
  Math.min(maxMs, firstMs * 2 ** (failures - 1));
