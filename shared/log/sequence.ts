/** Compares sequence numbers of one shard: integers too long for a double, without leading zeros. */
export const compareSequence = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
