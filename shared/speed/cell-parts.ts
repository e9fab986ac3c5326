/** A cell's first part takes this much before the next begins. */
export const CELL_PART_BYTES = 2_000;
/** Parts that are no larger than that; each further one is twice the one before, so that there are few. */
const SMALL_PARTS = 8;
/** A part of more than so many first ones is never full, but grows on, so that a large cell has few parts: a query of its window reads all of them. */
const LARGE = 16;

/**
 * Whether what comes next goes into another part. A store bills a write by the whole item, so a cell that is written every few
 * seconds is not rewritten as a whole: what it holds is left as it is once there is enough of it. This depends on what is
 * stored alone, and never changes: writers that disagree about it could write two parts at once.
 */
export const isFull = (bytes: number, part: number, firstBytes: number): boolean =>
  bytes >= firstBytes * 2 ** Math.max(0, part - SMALL_PARTS + 1) && bytes <= firstBytes * LARGE;
