/** Compares text by its UTF-8 bytes, as both SQL engines do; `<` compares UTF-16 units instead. */
export const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates encode code points past U+FFFF, so they come after every other unit.
    const xIsSurrogate = x >= 0xd800 && x <= 0xdfff;
    const yIsSurrogate = y >= 0xd800 && y <= 0xdfff;
    if (xIsSurrogate !== yIsSurrogate) return xIsSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
};

/**
 * A change of case of the letters from U+0041 to U+052F (Latin, Greek, Cyrillic), one for one: the same table for the fold and
 * for SQL's translate. `to` is at most `last`.
 */
const casing = (change: (letter: string) => string, last: string) => {
  const pairs = Array.from({ length: 0x530 - 0x41 }, (_, i) => String.fromCharCode(i + 0x41))
    .map((letter) => [letter, change(letter)] as const)
    .filter(([letter, other]) => letter !== other && other.length === 1 && other <= last);
  const table = new Map(pairs);
  const from = pairs.map(([letter]) => letter).join('');
  const some = new RegExp(`[${from}]`, 'g');
  return {
    from,
    to: pairs.map(([, other]) => other).join(''),
    of: (text: string): string => text.replace(some, (letter) => table.get(letter) ?? letter),
  };
};

export const lowerCase = casing((letter) => letter.toLowerCase(), '\uffff');
/** Only within the range: Unicode goes on adding upper case elsewhere. */
export const upperCase = casing((letter) => letter.toUpperCase(), '\u052f');
