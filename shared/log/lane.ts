import { identityOf, laneOf } from './identity.ts';
import { unitReader } from './unit.ts';

/** How events are spread over a log's hash range. It is fixed once the log holds records, since copies must meet in one lane. */
export interface Lanes {
  readonly count: number;
  /** The number of lanes that events with ids of their own share; null in logs from before units, where every lane is alike. */
  readonly own: number | null;
}

/** A request of up to 512 events without ids of their own is one record, however many lanes there are. */
export const LANES = 4_096;

/** Of a new log on one machine. Fewer own lanes are fewer records; there are some more than shards, so that their number can grow. */
export const lanesFor = (shards: number): Lanes => ({ count: LANES, own: 2 ** Math.max(2, Math.ceil(Math.log2(shards))) });

/**
 * The lane of an event: a slice of the hash range by the first bits of its unit's hash, so copies take the same lane in any
 * request. Ids of the clients' own differ in every event of a request; they share a few lanes, so that it becomes few records.
 */
export const laneReader = ({ count, own }: Lanes): ((source: string, id: string) => number) => {
  if (own === null) return (source, id) => laneOf(identityOf(source, id), count);
  const unitOf = unitReader();
  return (source, id) => {
    const { high, offset } = unitOf(source, id);
    const place = high / 2 ** 32;
    return Math.floor(offset >= 0 ? place * count : ((Math.floor(place * own) + 0.5) * count) / own);
  };
};
