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

const WITH_LOWER_CASE: readonly (readonly [string, string])[] = Array.from({ length: 0x530 - 0x41 }, (_, i) => String.fromCharCode(i + 0x41))
  .map((letter) => [letter, letter.toLowerCase()] as const)
  .filter(([letter, small]) => letter !== small && small.length === 1);
/** The letters that `lower` changes, and their lower case: the same table for the fold and for SQL's translate. */
export const UPPER = WITH_LOWER_CASE.map(([letter]) => letter).join('');
export const LOWER = WITH_LOWER_CASE.map(([, small]) => small).join('');
const TO_LOWER = new Map(WITH_LOWER_CASE);
const SOME_UPPER = new RegExp(`[${UPPER}]`, 'g');

export const lowerCase = (text: string): string => text.replace(SOME_UPPER, (letter) => TO_LOWER.get(letter) ?? letter);
