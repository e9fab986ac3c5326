/** Orders sequence numbers of one shard: they are whole numbers too long for a double, without leading zeros. */
export const compareSequence = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
