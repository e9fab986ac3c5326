import type { Random } from '../../testing/random.ts';

/** What has broken readers before. */
const TOKENS = [
  ...['"', "'", '\\', '{', '}', '[', ']', ',', ':', '=', '&', ';', '%', '..', '/', '\n', '\r\n', '\0', '-', '+', ' ', '\ufeff', '😀', '\\ud800', '\\u0000'],
  ...[
    'null',
    'true',
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '-1e-999',
    '9007199254740993',
    '0x10',
    '1'.repeat(400),
    '__proto__',
    'constructor',
    'toString',
    'length',
  ],
  ...[
    '{"__proto__":{"polluted":1}}',
    '[[[[[[[[',
    '{"a":'.repeat(100),
    '[]',
    '{}',
    '""',
    '%00',
    '%ff',
    '%E0%A4%A',
    '%2e%2e%2f',
    '2015-02-30',
    '9999-12-31T23:59:60Z',
  ],
].map((text) => Buffer.from(text));

const bytesOf = (r: Random, most: number): Buffer => Buffer.from(Array.from({ length: r.integer(0, most) }, () => r.integer(0, 255)));
const spliced = (bytes: Buffer, from: number, to: number, between: Buffer): Buffer => Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)]);

/** One small change. */
const once = (bytes: Buffer, corpus: readonly Buffer[], r: Random): Buffer => {
  const at = r.integer(0, bytes.length);
  const to = Math.min(bytes.length, at + r.integer(0, 20));
  switch (r.integer(0, 7)) {
    case 0: {
      const changed = Buffer.from(bytes);
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << r.integer(0, 7));
      return changed;
    }
    case 1:
      return spliced(bytes, at, to, Buffer.alloc(0));
    case 2:
      return spliced(bytes, at, at, bytes.subarray(at, to));
    case 3:
      return spliced(bytes, at, to, bytesOf(r, 8));
    case 4:
    case 5:
      return spliced(bytes, at, r.chance(0.5) ? at : to, r.pick(TOKENS));
    case 6:
      return bytes.subarray(0, at);
    default: {
      const other = r.pick(corpus);
      return spliced(bytes, at, bytes.length, other.subarray(r.integer(0, other.length)));
    }
  }
};

/** A valid input with a few changes, or no input at all but random bytes. */
export const mutate = (corpus: readonly Buffer[], r: Random): Buffer => {
  if (r.chance(0.05)) return bytesOf(r, 200);
  let bytes = r.pick(corpus);
  for (let i = r.integer(1, 6); i > 0; i--) bytes = once(bytes, corpus, r);
  return bytes;
};
