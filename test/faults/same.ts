const MOST = 3_000;

import { isDeepStrictEqual } from 'node:util';

/** As expect(…).toEqual(…), without making an error each time that it holds: a history compares thousands of times. */
export const expectSame = (what: string, got: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(got, expected)) return;
  const show = (value: unknown) => JSON.stringify(value, null, 1) ?? 'undefined';
  throw new Error(`Expected ${what} to be\n${show(expected).slice(0, MOST)}\ngot\n${show(got).slice(0, MOST)}`);
};
