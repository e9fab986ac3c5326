import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { itemBytes } from './item-size.ts';

export type Item = Record<string, AttributeValue>;
export interface Row {
  readonly item: Item;
  readonly bytes: number;
}
interface Partition {
  /** In order. */
  readonly sorts: string[];
  readonly rows: Map<string, Row>;
}

/** DynamoDB keeps this much beside each item, and bills its storage. */
const OVERHEAD_BYTES = 100;

/** A table's items in memory, by partition and sort key. A table without a sort key has one item a partition. */
export const dynamodbTable = (hash: string, range: string | null) => {
  const partitions = new Map<string, Partition>();
  const keyOf = (item: Item): readonly [string, string] => [item[hash]?.S ?? '', range === null ? '' : (item[range]?.S ?? '')];
  /** Where a sort key is, or would be. */
  const placeOf = (sorts: readonly string[], sort: string): number => {
    let [low, high] = [0, sorts.length];
    if (high > 0 && (sorts[high - 1] as string) < sort) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorts[middle] as string) < sort) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    keyOf,
    find: (key: Item): Row | null => {
      const [partition, sort] = keyOf(key);
      return partitions.get(partition)?.rows.get(sort) ?? null;
    },
    put: (item: Item): Row => {
      const [name, sort] = keyOf(item);
      let partition = partitions.get(name);
      if (partition === undefined) partitions.set(name, (partition = { sorts: [], rows: new Map() }));
      const row = { item, bytes: itemBytes(item) };
      if (!partition.rows.has(sort)) partition.sorts.splice(placeOf(partition.sorts, sort), 0, sort);
      partition.rows.set(sort, row);
      return row;
    },
    remove: (key: Item): void => {
      const [name, sort] = keyOf(key);
      const partition = partitions.get(name);
      if (partition?.rows.delete(sort) !== true) return;
      partition.sorts.splice(placeOf(partition.sorts, sort), 1);
    },
    /** Rows of a partition in order, from `from` to `to`, both included; after a key that was read before. */
    *between(name: string, from: string, to: string, after: string | null): Generator<readonly [string, Row]> {
      const partition = partitions.get(name);
      if (partition === undefined) return;
      for (let i = placeOf(partition.sorts, from); i < partition.sorts.length; i++) {
        const sort = partition.sorts[i] as string;
        if (sort > to) return;
        if (after === null || sort > after) yield [sort, partition.rows.get(sort) as Row];
      }
    },
    /** Billed bytes of the partitions whose names begin so. */
    storedBytes: (prefix: string): number => {
      let bytes = 0;
      for (const [name, { rows }] of partitions) if (name.startsWith(prefix)) for (const row of rows.values()) bytes += row.bytes + OVERHEAD_BYTES;
      return bytes;
    },
  };
};
export type Table = ReturnType<typeof dynamodbTable>;
