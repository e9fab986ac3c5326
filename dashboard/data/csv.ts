/** A text that a spreadsheet would run as a formula gets an apostrophe before it. */
const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/;

/** RFC 4180. */
export const csvOf = (lines: readonly (readonly unknown[])[]): string => `${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
