import type { Scalar } from '../definition/definition.ts';
import type { Dialect } from '../sql/dialect.ts';
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

const narrow = (n: bigint): number | bigint => (n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n);

/**
 * The integer that a value counts as: itself, or its fixed-point form floor(x·10^scale + 1/2), in the very double steps that
 * `summand` takes in SQL. Null for doubles of 2^53 and more.
 */
export const scaled = (kind: string | null, scale: number): ((value: Scalar | null) => ExactSum) =>
  kind === 'integer'
    ? (value) => value as number
    : (value) => {
        const x = value as number;
        if (Math.abs(x) >= 2 ** 53) return null;
        const fixed = Math.floor(x * 10 ** scale + 0.5);
        return Number.isSafeInteger(fixed) ? fixed : BigInt(fixed);
      };

export const encodeSum = (sum: ExactSum): Json => (typeof sum === 'bigint' ? String(sum) : sum);
export const decodeSum = (json: Json): ExactSum => (json === null ? null : typeof json === 'number' ? json : narrow(BigInt(String(json))));

/** The decimal number that an integer stands for at a scale, as the nearest double. */
export const unscaled = (sum: number | bigint, scale: number): number => (scale === 0 ? Number(sum) : Number(`${sum}e-${scale}`));

/** SQL of `scaled`: an integer column for integers and decimals, a whole-numbered double for floats. */
export const summand = (value: string, kind: string | null, scale: number): string => {
  if (kind === 'integer') return value;
  const fixed = `floor(${value} * ${10 ** scale}e0 + 0.5e0)`;
  return kind === 'decimal' ? `CAST(${fixed} AS BIGINT)` : `CASE WHEN abs(${value}) < 9007199254740992e0 THEN ${fixed} END`;
};

/** SQL of the exact sum as text, NULL where there was no value. Floats go in two limbs of 2^46, since engines cast large doubles to decimals by their text. */
export const sumText = (dialect: Dialect, value: string, kind: string | null, scale: number): string => {
  const v = summand(value, kind, scale);
  const total = (e: string) => `sum(CAST(${e} AS ${dialect.big}))`;
  if (kind !== 'float') return `CAST(${total(v)} AS VARCHAR)`;
  const high = `CAST(floor((${v}) / 70368744177664e0) AS BIGINT)`;
  const low = `CAST((${v}) - floor((${v}) / 70368744177664e0) * 70368744177664e0 AS BIGINT)`;
  return `CAST(${total(high)} * 70368744177664 + ${total(low)} AS VARCHAR)`;
};
