import { decimalText, quotient } from '../measures/exact-sum.ts';

/** An exact quotient of integers; its denominator is positive. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/;
/** A decimal number, as `String` or a measure's exact text writes it. */
export const rationalOf = (text: string): Rational => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === '') throw new RangeError(`Expected a decimal number, got '${text}'`);
  const n = BigInt(`${sign}${whole}${fraction}`);
  const power = Number(exponent) - fraction.length;
  return power >= 0 ? { n: n * 10n ** BigInt(power), d: 1n } : { n, d: 10n ** BigInt(-power) };
};

export const plus = (a: Rational, b: Rational): Rational => (a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const minus = (a: Rational, b: Rational): Rational => plus(a, { n: -b.n, d: b.d });
export const times = (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d });
/** Null if the second is 0. */
export const over = (a: Rational, b: Rational): Rational | null => {
  if (b.n === 0n) return null;
  return b.n < 0n ? { n: -a.n * b.d, d: -b.n * a.d } : { n: a.n * b.d, d: a.d * b.n };
};

/** The nearest double; null past the largest. */
export const toNumber = ({ n, d }: Rational): number | null => {
  const number = quotient(n, d);
  return Number.isFinite(number) ? number : null;
};

const MAX_DECIMALS = 30;
/** Its decimal text, exact if it has at most 30 decimals, else that of the nearest double. */
export const toText = (of: Rational): string | null => {
  const common = gcd(of.n < 0n ? -of.n : of.n, of.d);
  const [n, d] = [of.n / common, of.d / common];
  for (let scale = 0, power = 1n; scale <= MAX_DECIMALS; scale++, power *= 10n) if (power % d === 0n) return decimalText((n * power) / d, scale);
  const nearest = toNumber(of);
  return nearest === null ? null : String(nearest);
};
const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};
