/** Bytes of one page of a list: on AWS, an answer of some 6 MB is the most, and its quotes count twice there. */
export const PAGE_BYTES = 4_000_000;

/** An item's bytes in an answer of Lambda: JSON, as a text in JSON. */
export const pageBytesOf = (item: unknown): number => Buffer.byteLength(JSON.stringify(JSON.stringify(item)));

/** The first items of a list that fit into a page; at least one, so that every page continues. */
export const fitting = <T>(items: readonly T[]): readonly T[] => {
  let bytes = 0;
  const end = items.findIndex((item, i) => (bytes += pageBytesOf(item)) > PAGE_BYTES && i > 0);
  return end === -1 ? items : items.slice(0, end);
};
