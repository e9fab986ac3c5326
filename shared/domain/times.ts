const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/;
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** 0001-01-01 to 9999-12-31: years of four digits, which sort as text. */
export const MIN_MS = -62_135_596_800_000;
export const MAX_MS = 253_402_300_799_999;

/** Epoch milliseconds of an RFC 3339 time with a zone; null where it is not one. Parts of a millisecond are cut off. */
export const parseTime = (text: string): number | null => {
  if (!RFC_3339.test(text)) return null;
  const ms = Date.parse(text.replace(' ', 'T').replace(',', '.').toUpperCase());
  return inRange(ms) && dayExists(text) ? ms : null;
};
const inRange = (ms: number) => ms >= MIN_MS && ms <= MAX_MS;
/** Date.parse takes 30 February for 1 March. */
const dayExists = (text: string): boolean =>
  Number(text.slice(8, 10)) <= 28 || new Date(`${text.slice(0, 10)}T00:00:00.000Z`).toISOString().startsWith(text.slice(0, 10));

/** A time as it is stored: UTC, milliseconds, as `Date.toISOString` writes it. Null where the value is neither RFC 3339 text nor whole epoch milliseconds. */
export const canonicalTime = (value: unknown): { text: string; ms: number } | null => {
  if (typeof value === 'number') return Number.isInteger(value) && inRange(value) ? { text: new Date(value).toISOString(), ms: value } : null;
  if (typeof value !== 'string') return null;
  if (CANONICAL.test(value)) {
    const ms = Date.parse(value);
    // What Date.parse takes for another time falls on another day: 30 February, 24:00.
    if (inRange(ms) && new Date(ms).getUTCDate() === Number(value.slice(8, 10))) return { text: value, ms };
  }
  const ms = parseTime(value);
  return ms === null ? null : { text: new Date(ms).toISOString(), ms };
};
