/** Where the record that begins at `from` ends, its line break included; -1 if the bytes end before it does. */
export type Split = (bytes: Buffer, from: number) => number;

const [NEWLINE, QUOTE, BACKSLASH, OPEN, CLOSE] = [0x0a, 0x22, 0x5c, 0x7b, 0x7d];

export const lines: Split = (bytes, from) => bytes.indexOf(NEWLINE, from) + 1 || -1;

/** Rows of CSV: a quoted cell may span lines. */
export const rows: Split = (bytes, from) => {
  let isQuoted = false;
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) isQuoted = !isQuoted;
    else if (bytes[at] === NEWLINE && !isQuoted) return at + 1;
  }
  return -1;
};

/** JSON objects, one after the other or in an array, pretty-printed or not. What is between them belongs to the one that follows. */
export const objects: Split = (bytes, from) => {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE && depth > 0) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth <= 0) return at + 1;
  }
  return -1;
};
