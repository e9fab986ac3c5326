/*
 * Scans JSON as JSON.stringify writes it. Whatever is not certain, such as white space or an exponent, is refused with 0: the
 * general path then decides. The bytes are well-formed UTF-8, and a newline ends every line, so no scan passes the end.
 */
export const QUOTE: u8 = 0x22;
export const COMMA: u8 = 0x2c;
export const COLON: u8 = 0x3a;
export const OPEN: u8 = 0x7b;
export const CLOSE: u8 = 0x7d;
export const NEWLINE: u8 = 0x0a;
export const MINUS: u8 = 0x2d;
export const ZERO: u8 = 0x30;
const BACKSLASH: u8 = 0x5c;
const POINT: u8 = 0x2e;
const OPEN_LIST: u8 = 0x5b;
const CLOSE_LIST: u8 = 0x5d;
const MAX_DEPTH: i32 = 32;
/** Up to so many digits, a number and each power of ten of its decimals are exact doubles, so their quotient is rounded once. */
const MAX_DIGITS: usize = 15;

export function isDigit(byte: u8): bool {
  return byte - ZERO <= 9;
}

/** From inside of a text to its next quote, backslash or control character. */
export function stopInText(at: usize): usize {
  const quote = i8x16.splat(QUOTE as i8);
  const backslash = i8x16.splat(BACKSLASH as i8);
  const space = i8x16.splat(0x20);
  while (true) {
    const some = v128.load(at);
    const stops = i8x16.bitmask(v128.or(v128.or(i8x16.eq(some, quote), i8x16.eq(some, backslash)), i8x16.lt_u(some, space)));
    if (stops !== 0) return at + ctz(stops);
    at += 16;
  }
}

export function pastNewline(at: usize): usize {
  const newline = i8x16.splat(NEWLINE as i8);
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (found !== 0) return at + ctz(found) + 1;
    at += 16;
  }
}

/** From a text's opening quote past its closing one. */
export function pastText(at: usize): usize {
  at++;
  while (true) {
    at = stopInText(at);
    const byte = load<u8>(at);
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return 0;
    at = pastEscape(at);
    if (at === 0) return 0;
  }
}
function pastEscape(at: usize): usize {
  switch (load<u8>(at, 1)) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: // u
      return isHex(load<u8>(at, 2)) && isHex(load<u8>(at, 3)) && isHex(load<u8>(at, 4)) && isHex(load<u8>(at, 5)) ? at + 6 : 0;
    default:
      return 0;
  }
}
function isHex(byte: u8): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 <= 5;
}

/** The number that pastNumber has read. */
let read: f64 = 0;
export function numberRead(): f64 {
  return read;
}
/** Past a number without an exponent. One that a double might not hold as it is written, and -0, are refused. */
export function pastNumber(at: usize): usize {
  const isNegative = load<u8>(at) === MINUS;
  if (isNegative) at++;
  const first = at;
  let digits: u64 = 0;
  while (isDigit(load<u8>(at))) digits = digits * 10 + ((load<u8>(at++) - ZERO) as u64);
  const whole = at - first;
  if (whole === 0 || (whole > 1 && load<u8>(first) === ZERO)) return 0;
  let decimals: usize = 0;
  let unit: f64 = 1;
  if (load<u8>(at) === POINT) {
    at++;
    const point = at;
    for (; isDigit(load<u8>(at)); unit *= 10) digits = digits * 10 + ((load<u8>(at++) - ZERO) as u64);
    decimals = at - point;
    if (decimals === 0) return 0;
  }
  if (whole + decimals > MAX_DIGITS || (isNegative && digits === 0)) return 0;
  read = (isNegative ? -(digits as f64) : (digits as f64)) / unit;
  return at;
}

export function isTrue(at: usize): bool {
  return load<u32>(at) === 0x65757274;
}
export function isFalse(at: usize): bool {
  return load<u8>(at) === 0x66 && load<u32>(at, 1) === 0x65736c61;
}
function isNull(at: usize): bool {
  return load<u32>(at) === 0x6c6c756e;
}

/** Past any value. */
export function pastValue(at: usize, depth: i32): usize {
  switch (load<u8>(at)) {
    case QUOTE:
      return pastText(at);
    case OPEN:
      return depth === MAX_DEPTH ? 0 : pastObject(at + 1, depth + 1);
    case OPEN_LIST:
      return depth === MAX_DEPTH ? 0 : pastList(at + 1, depth + 1);
    case 0x74:
      return isTrue(at) ? at + 4 : 0;
    case 0x66:
      return isFalse(at) ? at + 5 : 0;
    case 0x6e:
      return isNull(at) ? at + 4 : 0;
    default:
      return pastNumber(at);
  }
}
function pastObject(at: usize, depth: i32): usize {
  if (load<u8>(at) === CLOSE) return at + 1;
  while (true) {
    if (load<u8>(at) !== QUOTE) return 0;
    at = pastText(at);
    if (at === 0 || load<u8>(at) !== COLON) return 0;
    at = pastValue(at + 1, depth);
    if (at === 0) return 0;
    const after = load<u8>(at++);
    if (after === CLOSE) return at;
    if (after !== COMMA) return 0;
  }
}
function pastList(at: usize, depth: i32): usize {
  if (load<u8>(at) === CLOSE_LIST) return at + 1;
  while (true) {
    at = pastValue(at, depth);
    if (at === 0) return 0;
    const after = load<u8>(at++);
    if (after === CLOSE_LIST) return at;
    if (after !== COMMA) return 0;
  }
}
