import { readFileSync } from 'node:fs';
import type { Load } from './load.ts';

interface Peer {
  readonly name: string;
  readonly what: string;
  readonly date: string;
  readonly source: string;
  /** Either a price by tiers of events a month, each up to a number (null for all), */
  readonly perEventTiers?: readonly (readonly [number | null, number])[];
  /** or a published monthly cost for some loads, in requests of so many events. */
  readonly requestEvents?: number;
  readonly monthlyByRequestsPerSecond?: Readonly<Record<string, number>>;
}
export interface PeerPrice extends Pick<Peer, 'name' | 'what' | 'date' | 'source'> {
  readonly monthly: number;
  readonly perMillionEvents: number;
}

/** What peers publish for the same load; those that publish nothing for it are left out. */
export const peerPrices = (file: string, { rate, batch }: Pick<Load, 'rate' | 'batch'>, eventsAMonth: number): readonly PeerPrice[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as readonly Peer[]).flatMap((peer) => {
    const monthly = monthlyOf(peer, { rate, batch }, eventsAMonth);
    if (monthly === null) return [];
    const { name, what, date, source } = peer;
    return [{ name, what, date, source, monthly, perMillionEvents: (monthly / eventsAMonth) * 1_000_000 }];
  });

const monthlyOf = (
  { perEventTiers, requestEvents = 1, monthlyByRequestsPerSecond = {} }: Peer,
  { rate, batch }: Pick<Load, 'rate' | 'batch'>,
  eventsAMonth: number,
): number | null => {
  if (perEventTiers === undefined) return batch === requestEvents ? (monthlyByRequestsPerSecond[String(rate / batch)] ?? null) : null;
  let from = 0;
  let sum = 0;
  for (const [to, price] of perEventTiers) {
    const upTo = Math.min(to ?? eventsAMonth, eventsAMonth);
    sum += Math.max(0, upTo - from) * price;
    from = Math.max(from, upTo);
  }
  return sum;
};
