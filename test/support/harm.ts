import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';

/** What may become of a file; `other` is the path of another of its kind. Short runs play the first two. */
export const HARM: Readonly<Record<string, (path: string, other: string) => void>> = {
  deleted: (path) => rmSync(path),
  'flipped in one bit': (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
    writeFileSync(path, bytes);
  },
  'cut off': (path) => truncateSync(path, readFileSync(path).length >> 1),
  emptied: (path) => truncateSync(path, 0),
  'replaced by another': (path, other) => writeFileSync(path, readFileSync(other)),
};
export const HARMS = Object.keys(HARM);
