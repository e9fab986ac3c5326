import type { Pack } from '../sql/states.ts';
import { linesOf, type Parsed, runsOf } from './parts.ts';

/** Days of a type that one statement processes. */
export interface Chunk {
  readonly days: readonly string[];
  readonly packs: readonly Pack[];
  /** Only some hours of a day that is too long for one statement. */
  readonly between?: readonly [from: string, to: string];
}

/** Days are packed into one file up to this many lines. */
const PACK_LINES = 100_000;
/** Athena writes fewer than 100 partitions a query: three window sizes each. */
const MAX_PACKS = 33;
/** Keeps statements short, and within the number of values that Athena takes for an injected column. */
const MAX_DAYS = 1_000;
const MAX_RUNS = 900;
const HOURS = 24;

/** Divides days, in order, so that no statement processes more than about `rows` lines. */
export const chunksOf = (parsed: Parsed, type: string, days: readonly string[], rows: number): Chunk[] => {
  const chunks: { days: string[]; packs: { from: string; to: string }[]; lines: number; packLines: number }[] = [];
  const long: Chunk[] = [];
  for (const day of [...days].sort()) {
    const lines = linesOf(parsed, type, day);
    if (lines > rows) {
      long.push(...slicesOf(day, Math.min(HOURS, Math.ceil(lines / rows))));
      continue;
    }
    const last = chunks.at(-1);
    const pack = last?.packs.at(-1);
    const isFull =
      last === undefined ||
      pack === undefined ||
      last.lines + lines > rows ||
      last.days.length >= MAX_DAYS ||
      runsOf(parsed, type, [...last.days, day]).length > MAX_RUNS;
    const isNewPack = isFull || last.packLines + lines > PACK_LINES;
    if (isFull || (isNewPack && last.packs.length >= MAX_PACKS)) chunks.push({ days: [day], packs: [{ from: day, to: day }], lines, packLines: lines });
    else {
      last.days.push(day);
      last.lines += lines;
      last.packLines = isNewPack ? lines : last.packLines + lines;
      if (isNewPack) last.packs.push({ from: day, to: day });
      else pack.to = day;
    }
  }
  return [...chunks.map(({ days, packs }) => ({ days, packs })), ...long];
};

/** Whole hours of a day. The states of its own window are then several, which answers merge like those of several parts. */
const slicesOf = (day: string, n: number): Chunk[] => {
  const at = (i: number) => `${day}T${String(Math.round((i * HOURS) / n)).padStart(2, '0')}`;
  return Array.from({ length: n }, (_, i) => ({ days: [day], packs: [{ from: day, to: day }], between: [at(i), at(i + 1)] }));
};

const inPieces = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
/** Days of one statement that holds no rows. */
export const daysInPieces = (days: readonly string[]): string[][] => inPieces(days, MAX_DAYS);
