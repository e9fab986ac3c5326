import type { FormulaSpec, OperandSpec } from './spec.ts';

// Fractions of whole numbers, as in school.

interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}
const ofNumber = (value: number): Fraction => {
  const [digits = '', power = '0'] = String(value).split('e');
  const [whole = '', decimals = ''] = digits.split('.');
  return scaled({ top: BigInt(whole + decimals), bottom: 1n }, Number(power) - decimals.length);
};
const scaled = ({ top, bottom }: Fraction, power: number): Fraction =>
  power < 0 ? { top, bottom: bottom * 10n ** BigInt(-power) } : { top: top * 10n ** BigInt(power), bottom };

/** A measure's exact value in units of its last decimal. */
export interface Exact {
  readonly units: bigint;
  readonly scale: number;
}
type ValueOf = (name: string) => Exact | number | null;

const computed = (of: OperandSpec, valueIn: ValueOf): Fraction | null => {
  if (typeof of === 'number') return ofNumber(of);
  if (typeof of === 'string') {
    const value = valueIn(of);
    if (value === null || typeof value === 'number') return value === null ? null : ofNumber(value);
    return scaled({ top: value.units, bottom: 1n }, -value.scale);
  }
  const [a, b] = of.of.map((one) => computed(one, valueIn));
  if (a == null || b == null) return null;
  switch (of.op) {
    case 'add':
      return { top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom };
    case 'sub':
      return { top: a.top * b.bottom - b.top * a.bottom, bottom: a.bottom * b.bottom };
    case 'mul':
      return { top: a.top * b.top, bottom: a.bottom * b.bottom };
    default:
      return b.top === 0n ? null : { top: a.top * b.bottom, bottom: a.bottom * b.top };
  }
};

/** The number that a formula answers: with 60 digits of the fraction's decimals, which JavaScript reads as the nearest double. */
export const formulaValue = (of: FormulaSpec, valueIn: ValueOf): number | null => {
  const fraction = computed(of, valueIn);
  if (fraction === null) return null;
  const isNegative = fraction.top < 0n !== fraction.bottom < 0n;
  const [top, bottom] = [fraction.top, fraction.bottom].map((n) => (n < 0n ? -n : n)) as [bigint, bigint];
  if (top === 0n) return 0;
  const power = Math.max(0, 60 + bottom.toString().length - top.toString().length);
  return Number(`${isNegative ? '-' : ''}${(top * 10n ** BigInt(power)) / bottom}e-${power}`);
};
