import { hash } from 'node:crypto';
import type { Dialect } from '../sql/dialect.ts';
import type { Json } from './measure.ts';

/*
 * HyperLogLog with 4096 registers: Flajolet et al. 2007; the estimator is Ertl's improved one (arXiv:1702.01284, algorithm 6),
 * without bias tables.
 */
const REGISTERS = 4096;
const MAX_RANK = 53;
/** With more registers set than this, a state is stored as one byte per register. */
const SPARSE = 512;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Register → rank of those that are set; an array of all registers once there are many. */
export type Registers = Map<number, number> | Uint8Array;

/** What is computed of recent texts, cached: the same values come again and again, and hashing costs more than everything else done with one. */
const cached = <T>(of: (text: string) => T): ((text: string) => T) => {
  const recent = new Map<string, T>();
  return (text) => {
    if (text.length > MAX_RECENT_LENGTH) return of(text);
    let found = recent.get(text);
    if (found === undefined) {
      if (recent.size === MAX_RECENT) recent.clear();
      recent.set(text, (found = of(text)));
    }
    return found;
  };
};
const MAX_RECENT = 1 << 15;
const MAX_RECENT_LENGTH = 64;

/**
 * The register (12 bits) and rank (1 to 53) of a text, as register·64 + rank, from the hexadecimal digits of its MD5:
 * digits 1–3 are the register, the leading zero bits of digits 4–16 plus one the rank. SQL computes the same.
 */
export const hllCode = (text: string): number => codeOfDigest(hash('md5', text));
const codeOfDigest = (digest: string): number => {
  let zeros = 0;
  let next = digest.charCodeAt(3);
  while (next === 48 && ++zeros < 13) next = digest.charCodeAt(3 + zeros);
  const within = zeros === 13 || next >= 56 ? 1 : next >= 52 ? 2 : next >= 50 ? 3 : 4;
  return Number.parseInt(digest.slice(0, 3), 16) * 64 + 4 * zeros + within;
};
const codeOf = cached(hllCode);
/** The first 64 bits of a text's MD5, in hexadecimal: all that a code depends on. */
export const digestOf = cached((text) => hash('md5', text).slice(0, DIGEST_DIGITS));
const DIGEST_DIGITS = 16;
export const digestSql = (dialect: Dialect, value: string): string => `substr(${dialect.md5(`CAST(${value} AS VARCHAR)`)}, 1, ${DIGEST_DIGITS})`;

const raise = (registers: Registers, register: number, rank: number): Registers => {
  if (registers instanceof Uint8Array) {
    if (rank > (registers[register] ?? 0)) registers[register] = rank;
    return registers;
  }
  if (rank > (registers.get(register) ?? 0)) registers.set(register, rank);
  if (registers.size <= SPARSE) return registers;
  const dense = new Uint8Array(REGISTERS);
  for (const [at, value] of registers) dense[at] = value;
  return dense;
};

const sigma = (x: number): number => {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let [y, z, last] = [1, x, 0];
  for (let power = x; z !== last; y *= 2) {
    power *= power;
    last = z;
    z += power * y;
  }
  return z;
};
const tau = (x: number): number => {
  if (x === 0 || x === 1) return 0;
  let [y, z, last] = [1, 1 - x, 0];
  for (let root = x; z !== last; ) {
    root = Math.sqrt(root);
    last = z;
    y *= 0.5;
    z -= (1 - root) ** 2 * y;
  }
  return z / 3;
};

const estimate = (registers: Registers): number => {
  const counts = new Array<number>(MAX_RANK + 1).fill(0);
  const ranks = registers instanceof Uint8Array ? registers : registers.values();
  let set = 0;
  for (const rank of ranks) {
    if (rank === 0) continue;
    counts[rank] = (counts[rank] ?? 0) + 1;
    set++;
  }
  let z = REGISTERS * tau(1 - (counts[MAX_RANK] ?? 0) / REGISTERS);
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] ?? 0));
  z += REGISTERS * sigma((REGISTERS - set) / REGISTERS);
  return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * z));
};

export const STANDARD_ERROR = 0.016;
const addCode = (registers: Registers, code: number) => raise(registers, code >> 6, code & 63);

/** A sketch of a set of texts: which values it saw is not kept, how many were different is estimated. */
export const sketch = {
  zero: (): Registers => new Map(),
  add: (registers: Registers, text: string): Registers => addCode(registers, codeOf(text)),
  addDigest: (registers: Registers, digest: string): Registers => addCode(registers, codeOfDigest(digest)),
  merge: (a: Registers, b: Registers): Registers => {
    let merged = a;
    for (const [register, rank] of b.entries()) if (rank > 0) merged = raise(merged, register, rank);
    return merged;
  },
  estimate,
  encode: (registers: Registers): Json =>
    registers instanceof Uint8Array
      ? Array.from(registers, (rank) => DIGITS[rank]).join('')
      : [...registers].map(([register, rank]) => register * 64 + rank).sort((a, b) => a - b),
  decode: (json: Json): Registers => {
    if (typeof json === 'string') return Uint8Array.from(json, (digit) => DIGITS.indexOf(digit));
    return ((json ?? []) as readonly number[]).reduce(addCode, new Map() as Registers);
  },
  /** The codes of a column's values, as a JSON list. */
  sql: (dialect: Dialect, value: string): string => {
    const digest = dialect.md5(`CAST(${value} AS VARCHAR)`);
    const rest = `trim(LEADING '0' FROM substr(${digest}, 4, 13))`;
    const within = `CASE WHEN ${rest} = '' OR ${rest} >= '8' THEN 1 WHEN ${rest} >= '4' THEN 2 WHEN ${rest} >= '2' THEN 3 ELSE 4 END`;
    return dialect.json(dialect.distinct(`${dialect.fromHex(`substr(${digest}, 1, 3)`)} * 64 + 4 * (13 - length(${rest})) + ${within}`, value));
  },
};
