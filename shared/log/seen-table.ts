/**
 * In which epoch each identity was last seen, for some ten million of them: an open-addressing hash table over flat arrays,
 * some 20 bytes each. Identities older than the window are dropped when the table grows.
 */
export interface SeenTable {
  /** The newest epoch, in ms, in which an identity was seen, null if unknown. Then records that it was seen in this one. */
  note(identity: string, epochMs: number): number | null;
  readonly size: number;
}

const FIRST_CAPACITY = 1 << 12;
const MAX_LOAD = 0.6;

export const seenTable = (windowMs: number): SeenTable => {
  let capacity = FIRST_CAPACITY;
  let high = new Uint32Array(capacity);
  let low = new Uint32Array(capacity);
  /** Epoch in seconds plus one; 0 marks a free slot. */
  let epochs = new Uint32Array(capacity);
  let size = 0;
  let newest = 0;

  const placeOf = (hi: number, lo: number): number => {
    let at = lo & (capacity - 1);
    while (epochs[at] !== 0 && (high[at] !== hi || low[at] !== lo)) at = (at + 1) & (capacity - 1);
    return at;
  };
  const grow = () => {
    const [oldHigh, oldLow, oldEpochs] = [high, low, epochs];
    const oldest = newest - windowMs / 1000;
    const alive = oldEpochs.reduce((n, epoch) => (epoch !== 0 && epoch >= oldest ? n + 1 : n), 0);
    while (alive > capacity * MAX_LOAD * 0.5) capacity *= 2;
    [high, low, epochs, size] = [new Uint32Array(capacity), new Uint32Array(capacity), new Uint32Array(capacity), 0];
    for (let i = 0; i < oldEpochs.length; i++) {
      const epoch = oldEpochs[i] as number;
      if (epoch === 0 || epoch < oldest) continue;
      const at = placeOf(oldHigh[i] as number, oldLow[i] as number);
      high[at] = oldHigh[i] as number;
      low[at] = oldLow[i] as number;
      epochs[at] = epoch;
      size++;
    }
  };
  return {
    note: (identity, epochMs) => {
      const hi = Number.parseInt(identity.slice(0, 8), 16);
      const lo = Number.parseInt(identity.slice(8, 16), 16);
      const epoch = epochMs / 1000 + 1;
      if (epoch > newest) newest = epoch;
      if (size + 1 > capacity * MAX_LOAD) grow();
      const at = placeOf(hi, lo);
      const before = epochs[at] as number;
      if (before === 0) {
        high[at] = hi;
        low[at] = lo;
        size++;
      }
      if (epoch > before) epochs[at] = epoch;
      return before === 0 ? null : (before - 1) * 1000;
    },
    get size() {
      return size;
    },
  };
};
