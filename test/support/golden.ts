import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../golden');

/** How every golden file is written again, once its change is meant: `GOLDEN=update npm test -- test/golden`, then read the diff. */
const isUpdate = process.env.GOLDEN === 'update';

/** Compares a text with a file in test/golden. */
export const expectGolden = (path: string, actual: string): void => {
  const file = join(root, path);
  if (isUpdate) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
  }
  if (!existsSync(file)) throw new Error(`Expected test/golden/${path}, found nothing. GOLDEN=update npm test -- test/golden writes it.`);
  expect(actual).toBe(readFileSync(file, 'utf8'));
};
export const expectGoldenJson = (path: string, actual: unknown): void => expectGolden(path, `${JSON.stringify(actual, null, 2)}\n`);

/** What an earlier version stored. These files are never written again: later code must read them. */
export const storedFile = (name: string): Uint8Array => new Uint8Array(readFileSync(join(root, 'stored', name)));
