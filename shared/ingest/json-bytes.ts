/**
 * Reads flat JSON byte by byte, without creating its objects. It only accepts what JSON.stringify would write: no white
 * space, no escapes, no number in another form. Bytes must be well-formed UTF-8. For everything else the result is −1, and
 * JSON.parse has to be used.
 */

const [QUOTE, BACKSLASH, MINUS, POINT, ZERO, NINE, SPACE] = [0x22, 0x5c, 0x2d, 0x2e, 0x30, 0x39, 0x20];
export const [OPEN, CLOSE, COMMA] = [0x7b, 0x7d, 0x2c];

/** Kinds of values, to be combined as a set. */
export const TEXT = 1;
export const WHOLE = 2;
export const DECIMAL = 4;
export const TRUE = 8;
export const FALSE = 16;
export const NULL = 32;
export const NUMBER = WHOLE | DECIMAL;
export const BOOLEAN = TRUE | FALSE;
export const SCALAR = TEXT | NUMBER | BOOLEAN | NULL;

/** A name as it is in an object, with its colon. */
export const keyOf = (name: string): Uint8Array => Buffer.from(`${JSON.stringify(name)}:`);

/** Whether these bytes are at this position. */
const isAt = (bytes: Buffer, start: number, expected: Uint8Array): boolean => {
  for (let k = 0; k < expected.length; k++) if (bytes[start + k] !== expected[k]) return false;
  return true;
};

/** Which of the keys is at this position, or −1. Fields usually come in the same order, so the likely one is tried first. */
export const keyAt = (keys: readonly Uint8Array[], likely: number, bytes: Buffer, start: number): number => {
  for (let n = 0; n < keys.length; n++) {
    const at = likely + n < keys.length ? likely + n : likely + n - keys.length;
    if (isAt(bytes, start, keys[at] as Uint8Array)) return at;
  }
  return -1;
};

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;
const pastDigits = (bytes: Buffer, start: number): number => {
  let i = start;
  while (isDigit(bytes[i])) i++;
  return i;
};

/** The kind of the value that begins here; 0 for none of these. */
export const kindAt = (bytes: Buffer, start: number): number => {
  switch (bytes[start]) {
    case QUOTE:
      return TEXT;
    case 0x74:
      return TRUE;
    case 0x66:
      return FALSE;
    case 0x6e:
      return NULL;
    default: {
      if (bytes[start] !== MINUS && !isDigit(bytes[start])) return 0;
      const after = bytes[pastDigits(bytes, start + 1)];
      return after === COMMA || after === CLOSE ? WHOLE : DECIMAL;
    }
  }
};

/** The position after a value of a kind that begins here, or −1. */
export const endOfValue = (bytes: Buffer, start: number, kind: number): number => {
  switch (kind) {
    case TEXT:
      return endOfText(bytes, start);
    case WHOLE:
      return endOfWhole(bytes, start);
    case DECIMAL:
      return endOfDecimal(bytes, start);
    default: {
      const word = WORDS[kind];
      return word !== undefined && isAt(bytes, start, word) ? start + word.length : -1;
    }
  }
};
const WORDS: Readonly<Record<number, Uint8Array>> = { [TRUE]: Buffer.from('true'), [FALSE]: Buffer.from('false'), [NULL]: Buffer.from('null') };

/** The position after the closing quote of the text that begins here, or −1. */
const endOfText = (bytes: Buffer, start: number): number => {
  for (let i = start + 1; ; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === undefined || byte < SPACE || byte === BACKSLASH) return -1;
  }
};

/** Integers of up to this many digits are distinct doubles. */
const MAX_DIGITS = 15;
const endOfWhole = (bytes: Buffer, start: number): number => {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const end = pastDigits(bytes, first);
  if (end === first || end - first > MAX_DIGITS) return -1;
  // Neither -0 nor 007.
  return bytes[first] !== ZERO || (end === first + 1 && first === start) ? end : -1;
};
const endOfDecimal = (bytes: Buffer, start: number): number => {
  let i = start + 1;
  while (isDigit(bytes[i]) || bytes[i] === POINT) i++;
  const text = bytes.toString('latin1', start, i);
  return String(Number(text)) === text ? i : -1;
};

export type Scalar = string | number | boolean | null;
/** The value of a kind at bytes[start, end). */
export const valueAt = (bytes: Buffer, start: number, end: number, kind: number): Scalar => {
  if (kind === TEXT) return bytes.toString('utf8', start + 1, end - 1);
  return (kind & NUMBER) !== 0 ? Number(bytes.toString('latin1', start, end)) : kind === NULL ? null : kind === TRUE;
};
