import type { Bill } from './bill.ts';
import type { Unit } from './ledger.ts';
import type { Breach } from './limits.ts';
import type { Ids } from './load.ts';
import type { PeerPrice } from './peers.ts';
import type { Prices } from './prices.ts';

interface Sum {
  readonly total: number;
  readonly items: Readonly<Record<string, number>>;
}
/** What was played. */
export interface PlayedLoad {
  readonly rate: number;
  readonly batch: number;
  readonly ids: Ids;
  readonly shards: number;
  readonly environments: number;
  /** How long aggregate and materialize collect events: answers are about this old. */
  readonly freshnessSeconds: number;
}
export interface Report {
  readonly load: PlayedLoad;
  readonly perMillionEvents: Sum & { readonly metrics: number; readonly entities: number };
  readonly monthly: Sum;
  /** What of the month's total an account does not pay if nothing else in it uses what is always free. */
  readonly alwaysFree: number;
  /** A month's units by name. */
  readonly units: Readonly<Record<string, number>>;
  /** A month's units by item and name. */
  readonly counted: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly breaches: readonly Breach[];
  readonly peers: readonly PeerPrice[];
  readonly pricesOf: string;
}

const MAKERS: Readonly<Record<Ids, string>> = { key: 'ids by an Idempotency-Key', ingest: 'ids by ingest', own: "ids of the client's own" };

export const isOfEntities = (item: string): boolean => item.startsWith('entities');

/** Counted units times prices, by item, the largest first. */
export const reportOf = (load: PlayedLoad, { lines, eventsAMonth }: Bill, prices: Prices, breaches: readonly Breach[], peers: readonly PeerPrice[]): Report => {
  const dollars = new Map<string, number>();
  const units = new Map<Unit, number>();
  const counted: Record<string, Record<string, number>> = {};
  for (const { item, unit, amount } of lines) {
    dollars.set(item, (dollars.get(item) ?? 0) + amount * prices.of[unit]);
    units.set(unit, (units.get(unit) ?? 0) + amount);
    (counted[item] ??= {})[unit] = amount;
  }
  const alwaysFree = [...units].reduce((sum, [unit, amount]) => sum + Math.min(amount, prices.alwaysFree[unit] ?? 0) * prices.of[unit], 0);
  const largest = [...dollars].sort(([, a], [, b]) => b - a);
  const sumOf = (some: readonly (readonly [string, number])[]): number => some.reduce((sum, [, amount]) => sum + amount, 0);
  const per = 1_000_000 / eventsAMonth;
  return {
    load,
    perMillionEvents: {
      total: sumOf(largest) * per,
      metrics: sumOf(largest.filter(([item]) => !isOfEntities(item))) * per,
      entities: sumOf(largest.filter(([item]) => isOfEntities(item))) * per,
      items: Object.fromEntries(largest.map(([item, amount]) => [item, amount * per])),
    },
    monthly: { total: sumOf(largest), items: Object.fromEntries(largest) },
    alwaysFree,
    units: Object.fromEntries([...units].sort(([a], [b]) => (a < b ? -1 : 1))),
    counted,
    breaches,
    peers,
    pricesOf: prices.date,
  };
};

/** As a person reads it. */
export const textOf = (report: Report): string => {
  const { load, perMillionEvents, monthly, counted, breaches, peers } = report;
  const row = (name: string, month: number, million: number, units: string): string =>
    `${name.padEnd(24)}${month.toFixed(2).padStart(12)}${million.toFixed(4).padStart(12)}  ${units}`;
  const rows = (ofEntities: boolean): string[] =>
    Object.entries(monthly.items)
      .filter(([item]) => isOfEntities(item) === ofEntities)
      .map(([item, amount]) => row(item, amount, perMillionEvents.items[item] ?? 0, unitsText(counted[item] ?? {})));
  const part = (ofEntities: boolean): number => (ofEntities ? perMillionEvents.entities : perMillionEvents.metrics);
  const monthOf = (million: number): number => (million / perMillionEvents.total) * monthly.total;
  return [
    `${load.rate} events a second in requests of ${load.batch}, ${MAKERS[load.ids]}; ${load.shards} shards, ${load.environments} environments; answers up to ${load.freshnessSeconds + 1} s old`,
    '',
    `${''.padEnd(24)}${'$/month'.padStart(12)}${'$/million'.padStart(12)}  units a month`,
    ...rows(false),
    row('metrics', monthOf(part(false)), part(false), ''),
    '',
    ...rows(true),
    row('entities', monthOf(part(true)), part(true), ''),
    '',
    row('total', monthly.total, perMillionEvents.total, `list prices of ${report.pricesOf}`),
    row('of which always free', report.alwaysFree, (report.alwaysFree / monthly.total) * perMillionEvents.total, 'if this stage is all that the account has'),
    ...(peers.length === 0 ? [] : ['', 'What peers publish for as many events:']),
    ...peers.map(({ name, monthly: month, perMillionEvents: million, date, source }) => `${row(name, month, million, `${date}, ${source}`)}`),
    ...(breaches.length === 0 ? ['', 'No limit was exceeded.'] : ['', 'AWS would refuse or throttle:']),
    ...breaches.map(({ place, limit, worst, allowed, times }) => `  ${place}: Expected at most ${allowed} ${limit}, got ${Math.round(worst)} (${times} times)`),
  ].join('\n');
};

const unitsText = (units: Readonly<Record<string, number>>): string =>
  Object.entries(units)
    .map(([name, amount]) => `${short(amount)} ${name}`)
    .join(', ');
const short = (amount: number): string => {
  for (const [size, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (amount >= size) return `${(amount / size).toPrecision(3)}${suffix}`;
  return amount.toPrecision(3);
};
