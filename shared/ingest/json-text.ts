/** A part of a JSON text that JavaScript would read as something else. */
export interface Misread {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether it is a number, rather than a repeated name. */
  readonly isNumber: boolean;
  /** Its own text: text.slice(start, end). */
  readonly start: number;
  readonly end: number;
}

/**
 * Walks a text that JSON.parse has accepted, and finds what it silently changed: repeated names in an object (the last one
 * wins), integers past 2^53 (rounded) and numbers too large for a double (infinite). RFC 8259, sections 4 and 6.
 * It stops once `limit` are found.
 */
export const misreadsOf = (text: string, limit: number): Misread[] => {
  const found: Misread[] = [];
  const path: (string | number)[] = [];
  /** Per open container: the names of an object so far, or null for an array. */
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (let i = 0; i < text.length && found.length < limit; i++) {
    const char = text[i];
    if (char === '{') {
      open.push(new Set());
      path.push('');
      expectsName = true;
    } else if (char === '[') {
      open.push(null);
      path.push(0);
      expectsName = false;
    } else if (char === '}' || char === ']') {
      open.pop();
      path.pop();
    } else if (char === ',') {
      const last = path.at(-1);
      if (typeof last === 'number') path[path.length - 1] = last + 1;
      else expectsName = true;
    } else if (char === '"') {
      const end = endOfString(text, i);
      if (expectsName) {
        const name = JSON.parse(text.slice(i, end)) as string;
        path[path.length - 1] = name;
        const names = open.at(-1);
        if (names?.has(name))
          found.push({ path: [...path], message: `Expected each name once, got ${JSON.stringify(name)} again`, isNumber: false, start: i, end });
        names?.add(name);
        expectsName = false;
      }
      i = end - 1;
    } else if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) {
      NUMBER.lastIndex = i;
      const [number = ''] = NUMBER.exec(text) ?? [];
      const value = Number(number);
      const place = { path: [...path], isNumber: true, start: i, end: i + number.length };
      if (!Number.isFinite(value)) found.push({ ...place, message: `Expected a number that fits a double, got ${short(number)}` });
      else if (/^-?\d+$/.test(number) && !Number.isSafeInteger(value))
        found.push({ ...place, message: `Expected a whole number up to 2^53−1, or text, got ${short(number)}` });
      i += Math.max(number.length, 1) - 1;
    }
  }
  return found;
};

const NUMBER = /-?\d+(\.\d+)?([eE][-+]?\d+)?/y;
const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** The position after the closing quote of the string that opens at `start`; the text's end if there is none. */
export const endOfString = (text: string, start: number): number => {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
};
