/**
 * A map from 64-bit hashes to small numbers, for millions of them: open addressing in flat arrays that grow by a quarter, in
 * sixteen parts, so that growing copies a sixteenth. An entry takes 10 to 13 bytes with bytes as values, 15 to 19 with words.
 */
export interface UnitTable {
  /** 0 if there is none. */
  get(high: number, low: number): number;
  /** @param value not 0. */
  set(high: number, low: number, value: number): void;
  readonly bytes: number;
}
type Values = Uint8ArrayConstructor | Uint32ArrayConstructor;

const PARTS = 16;
const FIRST_CAPACITY = 8;
const MAX_LOAD = 0.8;
const GROWTH = 1.25;

export const unitTable = (values: Values): UnitTable => {
  const parts = Array.from({ length: PARTS }, () => partOf(values));
  const ofHash = (high: number) => parts[high & (PARTS - 1)] as UnitTable;
  return {
    get: (high, low) => ofHash(high).get(high, low),
    set: (high, low, value) => ofHash(high).set(high, low, value),
    get bytes() {
      return parts.reduce((sum, { bytes }) => sum + bytes, 0);
    },
  };
};

const partOf = (Values: Values): UnitTable => {
  let capacity = FIRST_CAPACITY;
  let hashes = new Uint32Array(2 * capacity);
  /** 0 marks a free place. */
  let values = new Values(capacity);
  let size = 0;
  // By the low half: hashes of one shard share their first bits, since a lane is a slice of the hash range.
  const placeOf = (high: number, low: number): number => {
    let at = Math.floor((low / 2 ** 32) * capacity);
    while (values[at] !== 0 && (hashes[2 * at] !== high || hashes[2 * at + 1] !== low)) at = at + 1 === capacity ? 0 : at + 1;
    return at;
  };
  const put = (high: number, low: number, value: number): void => {
    const at = placeOf(high, low);
    if (values[at] === 0) size++;
    hashes[2 * at] = high;
    hashes[2 * at + 1] = low;
    values[at] = value;
  };
  const grow = (): void => {
    const [oldHashes, oldValues] = [hashes, values];
    capacity = Math.ceil(capacity * GROWTH);
    [hashes, values, size] = [new Uint32Array(2 * capacity), new Values(capacity), 0];
    for (const [i, value] of oldValues.entries()) if (value !== 0) put(oldHashes[2 * i] as number, oldHashes[2 * i + 1] as number, value);
  };
  return {
    get: (high, low) => values[placeOf(high, low)] as number,
    set: (high, low, value) => {
      if (size + 1 > capacity * MAX_LOAD) grow();
      put(high, low, value);
    },
    get bytes() {
      return hashes.byteLength + values.byteLength;
    },
  };
};
