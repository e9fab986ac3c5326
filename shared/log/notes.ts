import { eachRun, isSet, placeSet, setPlaces } from './place-set.ts';
import type { Unit } from './unit.ts';
import { unitTable } from './unit-table.ts';

/** Takes a run of places of one unit: that of `unit`, and those that follow it, `length` in all; 1 for a unit without places. */
export type VisitRun = (unit: Unit, length: number) => void;

/** The units of some records, as they are stored. The same records in the same order give the same bytes. */
export interface Notes {
  readonly add: VisitRun;
  has(unit: Unit): boolean;
  each(visit: VisitRun): void;
  /** In parts that fit an item, each readable by itself; none if there is nothing. */
  encode(): Buffer[];
}

/**
 * The form is pinned, and so is the cut into parts: `1` in the names of items is its version. A part is the number of its units
 * with places, those (8 bytes of hash, then runs of places), and the hashes of the others. Numbers are varints (LEB128). The
 * runs are `n << 1` for the places 0 to n - 1; else their number as `n << 1 | 1`, and for each the gap before it and its length.
 */
const MAX_PART_BYTES = 288_000;
const HASH_BYTES = 8;

export const notes = (): Notes => {
  const isOwn = unitTable(Uint8Array);
  const own: number[] = [];
  /** Where each unit with places is in `placed`, from 1 on. */
  const placeOf = unitTable(Uint32Array);
  const placed: { readonly high: number; readonly low: number; readonly places: Uint32Array }[] = [];
  return {
    add: ({ high, low, offset }, length) => {
      if (offset < 0) {
        if (isOwn.get(high, low) !== 0) return;
        isOwn.set(high, low, 1);
        own.push(high, low);
        return;
      }
      let at = placeOf.get(high, low);
      if (at === 0) placeOf.set(high, low, (at = placed.push({ high, low, places: placeSet() })));
      setPlaces((placed[at - 1] as (typeof placed)[number]).places, offset, offset + length);
    },
    has: ({ high, low, offset }) => {
      if (offset < 0) return isOwn.get(high, low) !== 0;
      const one = placed[placeOf.get(high, low) - 1];
      return one !== undefined && isSet(one.places, offset);
    },
    each: (visit) => {
      for (const { high, low, places } of placed) eachRun(places, (from, to) => visit({ high, low, offset: from }, to - from));
      for (let i = 0; i < own.length; i += 2) visit({ high: own[i] as number, low: own[i + 1] as number, offset: -1 }, 1);
    },
    encode: () => {
      const parts: { readonly placed: Buffer[]; readonly own: Buffer[]; bytes: number }[] = [];
      const partFor = (bytes: number) => {
        let part = parts.at(-1);
        if (part === undefined || part.bytes + bytes > MAX_PART_BYTES) parts.push((part = { placed: [], own: [], bytes: 0 }));
        part.bytes += bytes;
        return part;
      };
      for (const { high, low, places } of placed) {
        const bytes = Buffer.concat([hashBytes([high, low]), Buffer.from(runsOf(places).flatMap(varint))]);
        partFor(bytes.length).placed.push(bytes);
      }
      for (let i = 0; i < own.length; ) {
        const part = partFor(HASH_BYTES);
        const end = Math.min(own.length, i + 2 + 2 * Math.floor((MAX_PART_BYTES - part.bytes) / HASH_BYTES));
        part.own.push(hashBytes(own.slice(i, end)));
        part.bytes += (HASH_BYTES * (end - i)) / 2 - HASH_BYTES;
        i = end;
      }
      return parts.map((part) => Buffer.concat([Buffer.from(varint(part.placed.length)), ...part.placed, ...part.own]));
    },
  };
};

/** Reads one part. */
export const readNotes = (part: Uint8Array, visit: VisitRun): void => {
  const bytes = bufferOf(part);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  for (let left = number(); left > 0; left--) {
    const hash = hashAt(bytes, at);
    at += HASH_BYTES;
    const runs = number();
    let to = 0;
    for (let i = runs % 2 === 0 ? 1 : (runs - 1) / 2; i > 0; i--) {
      const from = to + (runs % 2 === 0 ? 0 : number());
      to = from + (runs % 2 === 0 ? runs / 2 : number());
      visit({ ...hash, offset: from }, to - from);
    }
  }
  readHashes(bytes, at, visit);
};

/** Reads what was stored before there were units: the identities of events, which are the units of ids without an index. */
export const readIdentities = (body: Uint8Array, visit: VisitRun): void => readHashes(bufferOf(body), 0, visit);

const readHashes = (bytes: Buffer, from: number, visit: VisitRun): void => {
  for (let at = from; at < bytes.length; at += HASH_BYTES) visit({ ...hashAt(bytes, at), offset: -1 }, 1);
};
const hashAt = (bytes: Buffer, at: number) => ({ high: bytes.readUInt32BE(at), low: bytes.readUInt32BE(at + HASH_BYTES / 2) });
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

/** The numbers that describe a unit's places. */
const runsOf = (places: Uint32Array): number[] => {
  const runs: number[] = [];
  let end = 0;
  eachRun(places, (from, to) => {
    runs.push(from - end, to - from);
    end = to;
  });
  return runs.length === 2 && runs[0] === 0 ? [(runs[1] as number) * 2] : [runs.length + 1, ...runs];
};
const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))]);

const hashBytes = (halves: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(4 * halves.length);
  for (const [i, half] of halves.entries()) bytes.writeUInt32BE(half, 4 * i);
  return bytes;
};
