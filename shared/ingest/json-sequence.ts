import { endOfString } from './json-text.ts';

/** The record separator of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\u001e';

/**
 * The texts of concatenated JSON objects, pretty-printed or not, separated only by white space or record separators. Null if
 * there is anything else, or an object has no end.
 */
export const objectsIn = (text: string): string[] | null => {
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (depth === 0) {
      if (char === '{') start = i;
      else if (!/\s/.test(char) && char !== RECORD_SEPARATOR) return null;
    }
    if (char === '"') {
      i = endOfString(text, i) - 1;
      if (i >= text.length) return null;
    } else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) objects.push(text.slice(start, i + 1));
  }
  return depth === 0 && objects.length > 0 ? objects : null;
};
