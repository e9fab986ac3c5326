import { readFileSync } from 'node:fs';
import type { Unit } from './ledger.ts';

export interface Prices {
  readonly date: string;
  readonly of: Readonly<Record<Unit, number>>;
  /** What an account does not pay for, a month. */
  readonly alwaysFree: Readonly<Partial<Record<Unit, number>>>;
}

/** The price table's region. @throws {RangeError} if it has none of that name. */
export const readPrices = (file: string, region: string): Prices => {
  const { date, regions, alwaysFree } = JSON.parse(readFileSync(file, 'utf8')) as Pick<Prices, 'date' | 'alwaysFree'> & {
    readonly regions: Readonly<Record<string, Prices['of']>>;
  };
  const of = regions[region];
  if (of === undefined) throw new RangeError(`--region: Expected one of ${Object.keys(regions).join(', ')}, got ${region}. cost/prices.json takes others.`);
  return { date, of, alwaysFree };
};
