const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, SPACE] = [0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d, 0x20];

/** Where the elements of an array are in its JSON text, which JSON.parse has accepted: bytes[start, end), without white space around them. */
export const elementPlaces = (bytes: Buffer): { readonly start: number; readonly end: number }[] => {
  const places: { start: number; end: number }[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = closingQuote(bytes, i);
        break;
      case OPEN:
      case OPEN_LIST:
        if (++depth === 1) start = i + 1;
        break;
      case CLOSE:
      case CLOSE_LIST:
        if (--depth === 0) places.push(trimmed(bytes, start, i));
        break;
      case COMMA:
        if (depth === 1) {
          places.push(trimmed(bytes, start, i));
          start = i + 1;
        }
        break;
    }
  }
  return places;
};

const closingQuote = (bytes: Buffer, opening: number): number => {
  let i = opening + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
};
/** No value begins or ends with a byte up to the space, as all white space of JSON is. */
const trimmed = (bytes: Buffer, from: number, to: number) => {
  let [start, end] = [from, to];
  while (start < end && (bytes[start] as number) <= SPACE) start++;
  while (end > start && (bytes[end - 1] as number) <= SPACE) end--;
  return { start, end };
};
