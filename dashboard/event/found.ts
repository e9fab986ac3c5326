import type { Value } from '../words/names.ts';

export interface At {
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
  /** When it arrived, to the epoch. */
  readonly epoch?: string | null;
}
export interface InMetric {
  readonly metric: string;
  readonly counts: boolean;
  readonly window?: string;
  readonly groups?: readonly Readonly<Record<string, Value>>[];
  readonly items?: number;
}
/** A copy of an event, as GET /events/{type}/{id} lists it. */
export interface Found {
  readonly source: string;
  readonly time: string | null;
  readonly state: 'counted' | 'duplicate' | 'excluded' | 'filtered' | 'pending' | 'quarantined';
  readonly place: 'batch' | 'live' | 'log' | 'quarantine';
  readonly at?: At | null;
  /** Of a duplicate: the copy before it. */
  readonly of?: At | null;
  readonly exclusion?: string;
  readonly reason?: string;
  readonly errors?: readonly { readonly path?: string; readonly message: string }[];
  readonly metrics?: readonly InMetric[];
  readonly data?: unknown;
}

const STATES: Readonly<Record<Found['state'], readonly [name: string, says: string]>> = {
  counted: ['counted', 'It is in the numbers below.'],
  duplicate: ['duplicate', 'Another copy of it counts, so this one does not.'],
  excluded: ['left out', 'An exclusion leaves it out of all numbers.'],
  filtered: ['in no number', 'It was accepted, but no metric takes it: no condition of theirs holds for it.'],
  pending: ['on its way', 'It is in the log, and will be in the numbers within a second or two.'],
  quarantined: ['in quarantine', 'It was rejected, and counts once it is corrected and sent again.'],
};
export const stateOf = ({ state }: Found): readonly [name: string, says: string] => STATES[state];
export const placeName = ({ shard, seq, line }: At): string => `${shard}, ${seq}, event ${line}`;
