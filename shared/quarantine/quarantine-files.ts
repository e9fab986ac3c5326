import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { QUARANTINE_ENTRY, type QuarantineEntry } from '../ingest/quarantine-entry.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { quarantineHour, quarantineRoot } from '../storage/lake.ts';
import { type Code, codeOf, placeOf } from './hints.ts';

/** Selects quarantined entries: received from ≤ t < to, for these reasons, at most this many. */
export interface Selection {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reasons: readonly string[];
  /** Where one of their errors is, as groups name it; null for any. */
  readonly path: string | null;
  /** What one of their errors is, at that place if one is named; null for any. */
  readonly code: Code | null;
  readonly limit: number;
}

/** A file that is not readable as it was written. */
export const DAMAGE = z.object({
  file: z.string().describe('Its key in the lake.'),
  lines: z.int().nullable().describe('How many of its lines are not entries; the others are read. Null if nothing of the file is read.'),
  message: z.string().describe('The first thing that is wrong.'),
});
export type Damage = z.infer<typeof DAMAGE>;

/** Most damaged files that one answer names; it says when there are more. */
export const MAX_DAMAGED = 100;

/** Most entries that one call reads; it says when there are more. */
export const MAX_READ = 100_000;

/** A line as stored, and its entry; null if it is not one. */
interface Line {
  readonly bytes: Uint8Array;
  readonly entry: QuarantineEntry | null;
}
export interface QuarantineFile {
  readonly key: string;
  readonly lines: readonly Line[];
  /** Its selected entries. */
  readonly entries: readonly QuarantineEntry[];
  readonly damage: readonly Damage[];
}

/** A file is stored under the hour of its oldest entry's delivery: at most this long before or after another entry's receipt. */
export const DELIVERY_LAG_MS = 3_600_000;

/** The files that may hold selected entries, by reason and time. @param first the key to begin at; null for the beginning. */
export async function* quarantineFiles(
  lake: ObjectStore,
  { fromMs, toMs, reasons, path, code }: Selection,
  first: string | null,
): AsyncGenerator<QuarantineFile> {
  const isSelected = ({ receivedAt, reason, errors }: QuarantineEntry) =>
    Date.parse(receivedAt) >= fromMs &&
    Date.parse(receivedAt) < toMs &&
    ((path === null && code === null) ||
      errors.some((error) => (path === null || placeOf(error) === path) && (code === null || codeOf(reason, error) === code)));
  const begin = first === null ? 0 : reasons.findIndex((reason) => first.startsWith(quarantineRoot(reason)));
  for (const reason of begin === -1 ? [] : reasons.slice(begin)) {
    const root = quarantineRoot(reason);
    for await (const { key } of lake.list(root, root + quarantineHour(fromMs - DELIVERY_LAG_MS))) {
      if (first?.startsWith(root) === true && key < first) continue;
      if (key.slice(root.length) > `${quarantineHour(toMs + DELIVERY_LAG_MS)}~`) break;
      const bytes = await lake.get(key);
      if (bytes === null) continue;
      const { lines, damage } = await readQuarantineFile(key, bytes);
      yield { key, lines, entries: lines.flatMap(({ entry }) => (entry !== null && isSelected(entry) ? [entry] : [])), damage };
    }
  }
}

/** Removes these entries from a file and keeps all other lines as they are; removes the file if none are left. */
export const takeOut = async (lake: ObjectStore, { key, lines }: QuarantineFile, entries: readonly QuarantineEntry[]): Promise<void> => {
  const leaving = new Set(entries);
  const staying = lines.filter(({ entry }) => entry === null || !leaving.has(entry));
  if (staying.length === 0) await lake.remove([key]);
  else await lake.put(key, await promisify(gzip)(Buffer.concat(staying.flatMap(({ bytes }) => [bytes, NEWLINE])), { level: FAST }));
};
/** Files of the quarantine are rewritten while somebody waits. */
export const FAST = 3;
const NEWLINE = Buffer.from('\n');

/** Lines of JSON, gzipped or plain: the delivery stream decides. */
export const readQuarantineFile = async (key: string, bytes: Uint8Array): Promise<Pick<QuarantineFile, 'lines' | 'damage'>> => {
  const unreadable = (message: string) => ({ lines: [], damage: [{ file: key, lines: null, message }] });
  if (bytes.length === 0) return unreadable('Expected entries, got an empty file');
  let ndjson = Buffer.from(bytes);
  try {
    // Data before the damaged place may be wrong too: only the checksum at the end confirms it.
    if (bytes[0] === 0x1f) ndjson = await promisify(gunzip)(bytes);
  } catch (error) {
    return unreadable(`Expected a whole gzip, got: ${(error as Error).message}`);
  }
  const lines: Line[] = [];
  const wrong: string[] = [];
  for (const [i, line] of linesOf(ndjson).entries()) {
    if (line.length === 0) continue;
    const read = readEntry(line);
    if (typeof read === 'string') wrong.push(`line ${i + 1}: ${read}`);
    lines.push({ bytes: line, entry: typeof read === 'string' ? null : read });
  }
  const [first] = wrong;
  return { lines, damage: first === undefined ? [] : [{ file: key, lines: wrong.length, message: first }] };
};

const linesOf = (ndjson: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  for (let start = 0; start < ndjson.length; ) {
    const found = ndjson.indexOf(NEWLINE, start);
    const end = found === -1 ? ndjson.length : found;
    lines.push(ndjson.subarray(start, end));
    start = end + 1;
  }
  return lines;
};

/** Parses the entry on a line; a string says what is wrong with it. */
const readEntry = (line: Buffer): QuarantineEntry | string => {
  if (!isUtf8(line)) return 'Expected well-formed UTF-8, got other bytes';
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch (error) {
    return `Expected JSON, got: ${(error as Error).message}`;
  }
  const parsed = QUARANTINE_ENTRY.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `Expected an entry, got: ${[issue?.path.join('.'), issue?.message].filter((part) => part !== '').join(' ')}`;
};
