import type { Scalar } from '../definition/definition.ts';
import { decimalLimit } from '../definition/kinds.ts';
import { type Dialect, double } from '../sql/dialect.ts';
import type { Json } from './measure.ts';

/** An exact integer: a number while that is safe, a bigint past 2^53. Null before the first value. */
export type ExactSum = number | bigint | null;

export const addExact = (a: ExactSum, b: ExactSum): ExactSum => {
  if (a === null || b === null) {
    const one = a ?? b;
    return typeof one === 'bigint' ? narrow(one) : one;
  }
  if (typeof a === 'number' && typeof b === 'number') {
    const total = a + b;
    if (Number.isSafeInteger(total)) return total;
  }
  return narrow(BigInt(a) + BigInt(b));
};

/** A running total, and how many values were out of range, which it does not include. */
export interface Total {
  total: ExactSum;
  out: number;
}
/** Adds one value's integer, null if it is out of range. Returns whether it is in the total now. */
export const addTo = (to: Total, one: ExactSum): boolean => {
  if (one === null) to.out++;
  else to.total = addExact(to.total, one);
  return one !== null;
};
export const mergeInto = <T extends Total>(a: T, b: Total): T => {
  a.total = addExact(a.total, b.total);
  a.out += b.out;
  return a;
};

const narrow = (n: bigint): number | bigint => (n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n);

/**
 * The integer that a value counts as: itself, or its fixed-point form floor(x·10^scale + 1/2), in exactly the double steps that
 * `summand` takes in SQL. Null if it is out of range: for floats of 2^53 and more, and decimals past their schema's limit.
 */
export const scaled = (kind: string | null, scale: number): ((value: Scalar | null) => ExactSum) => {
  if (kind === 'integer') return (value) => value as number;
  const limit = decimalLimit(scale);
  const isIn = kind === 'decimal' ? (x: number) => x <= limit : (x: number) => x < 2 ** 53;
  return (value) => {
    const x = value as number;
    if (!isIn(Math.abs(x))) return null;
    const fixed = Math.floor(x * 10 ** scale + 0.5);
    return Number.isSafeInteger(fixed) ? fixed : BigInt(fixed);
  };
};

export const encodeSum = (sum: ExactSum): Json => (typeof sum === 'bigint' ? String(sum) : sum);
export const decodeSum = (json: Json): ExactSum => (json === null ? null : typeof json === 'number' ? json : narrow(BigInt(String(json))));

/** An integer at a scale as decimal text, with all of its decimals. */
export const decimalText = (sum: number | bigint, scale: number): string => {
  if (scale === 0) return String(sum);
  const digits = String(sum)
    .replace('-', '')
    .padStart(scale + 1, '0');
  return `${sum < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

/** The decimal number of an integer at a scale, as the nearest double. */
export const unscaled = (sum: number | bigint, scale: number): number => (scale === 0 ? Number(sum) : Number(`${sum}e-${scale}`));

/** Whether the nearest double prints as another decimal number. */
export const isInexact = (sum: number | bigint, scale: number): boolean => {
  if (typeof sum === 'number' && Math.abs(sum) < 1e15) return false;
  const nearest = unscaled(sum, scale);
  // toFixed is exact below 1e21, and there is no fraction from there on.
  return Math.abs(nearest) < 1e21 ? nearest.toFixed(scale) !== decimalText(sum, scale) : BigInt(nearest) * 10n ** BigInt(scale) !== BigInt(sum);
};

/** The nearest double to a quotient of integers. */
export const quotient = (numerator: number | bigint, denominator: bigint): number => {
  const small = typeof numerator === 'bigint' ? narrow(numerator) : numerator;
  if (Number.isSafeInteger(small) && denominator <= MAX_SAFE) return Number(small) / Number(denominator);
  const [n, isNegative] = [BigInt(numerator) < 0n ? -BigInt(numerator) : BigInt(numerator), numerator < 0];
  // 66 bits or more, the last of which says whether there is a remainder: a double is rounded once from that.
  const shift = Math.max(0, 66 + denominator.toString(2).length - n.toString(2).length);
  const shifted = n << BigInt(shift);
  const whole = (shifted / denominator) | (shifted % denominator === 0n ? 0n : 1n);
  return (isNegative ? -1 : 1) * Number(whole) * 2 ** -shift;
};
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** SQL of `scaled`: an integer column for integers and decimals, a whole-numbered double for floats. */
export const summand = (value: string, kind: string | null, scale: number): string => {
  if (kind === 'integer') return value;
  const fixed = `floor(${value} * ${10 ** scale}e0 + 0.5e0)`;
  return kind === 'decimal'
    ? `CASE WHEN abs(${value}) <= ${double(decimalLimit(scale))} THEN CAST(${fixed} AS BIGINT) END`
    : `CASE WHEN abs(${value}) < 9007199254740992e0 THEN ${fixed} END`;
};
/** SQL of how many values are out of range. */
export const outSql = (value: string, kind: string | null, scale: number): string => `CAST(count(${value}) - count(${summand(value, kind, scale)}) AS VARCHAR)`;

/** SQL of the exact sum, a number of the type `dialect.big`, NULL if there was no value. Floats go in two limbs of 2^46, since engines cast large doubles to decimals by their text. */
export const totalSql = (dialect: Dialect, value: string, kind: string | null, scale: number): string => {
  const v = summand(value, kind, scale);
  const total = (e: string) => `sum(CAST(${e} AS ${dialect.big}))`;
  if (kind !== 'float') return total(v);
  const high = `CAST(floor((${v}) / 70368744177664e0) AS BIGINT)`;
  const low = `CAST((${v}) - floor((${v}) / 70368744177664e0) * 70368744177664e0 AS BIGINT)`;
  return `${total(high)} * 70368744177664 + ${total(low)}`;
};
export const sumText = (dialect: Dialect, value: string, kind: string | null, scale: number): string =>
  `CAST(${totalSql(dialect, value, kind, scale)} AS VARCHAR)`;
