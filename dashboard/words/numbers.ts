// Numbers in the viewer's form, in one place, so that every view writes them alike.

/** The viewer's own. */
const LOCALE = undefined;
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 });
const exact = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 9 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumSignificantDigits: 3 });
const axis = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export type Maybe = number | null | undefined;
const NOTHING = '–';
const isNumber = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value);

/** Whole, or with all of its decimals. */
export const exactNumber = (value: Maybe): string => (isNumber(value) ? exact.format(value) : NOTHING);
/** For lists and tables: whole where it is large. */
export const number = (value: Maybe): string =>
  isNumber(value) ? (Number.isInteger(value) || Math.abs(value) >= 1_000 ? whole : fine).format(value) : NOTHING;
/** For cards: exact up to a million, then three digits. */
export const shortNumber = (value: Maybe): string => (isNumber(value) && Math.abs(value) >= 1e6 ? compact.format(value) : number(value));
export const axisNumber = (value: number): string => (Math.abs(value) >= 10_000 ? axis : fine).format(value);

const TOO_FEW = 10;
export interface Change {
  readonly text: string;
  readonly direction: -1 | 0 | 1;
  /** The text says what it was; a share of so few would be noise. */
  readonly isFew: boolean;
}
/** A change in words that need no colour: +12.4 %, −3 %, ×4.2, same; null if there is nothing to compare with. */
export const changeOf = (now: Maybe, before: Maybe): Change | null => {
  if (!isNumber(now) || !isNumber(before)) return null;
  const said = (text: string, direction: -1 | 0 | 1, isFew = false): Change => ({ text, direction, isFew });
  if (now === before) return said('same', 0);
  if (before === 0) return said('new', 1);
  if (Math.abs(before) < TOO_FEW && Number.isInteger(before)) return said(`was ${whole.format(before)}`, 0, true);
  const change = (now - before) / Math.abs(before);
  if (Math.abs(change) < 0.0005) return said('same', 0);
  if (change >= 4) return said(`×${(now / before < 10 ? oneDigit : whole).format(now / before)}`, 1);
  const percent = Math.abs(change) * 100;
  return said(`${change > 0 ? '+' : '−'}${(percent < 10 ? oneDigit : whole).format(percent)} %`, change > 0 ? 1 : -1);
};

export const share = (part: number, of: number): string => {
  if (of === 0) return NOTHING;
  const ratio = part / of;
  if (ratio > 0 && ratio < 0.001) return '<0.1 %';
  return `${(ratio < 0.1 && ratio > 0 ? oneDigit : whole).format(ratio * 100)} %`;
};
export const percent = (ratio: number): string => `${exact.format(Math.round(ratio * 10_000) / 100)} %`;
export const plural = (count: number, one: string, many = `${one}s`): string => `${whole.format(count)} ${count === 1 ? one : many}`;
export const oneDecimal = (value: number): string => oneDigit.format(value);
