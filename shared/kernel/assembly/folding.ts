import { hashOf, isSame, MAX_PROBES } from './bytes';
import { CLOCKS, COLUMNS, DATES, FIRSTS, GROUP_LENGTHS, GROUP_SLOTS, GROUP_WORDS, GROUPS, MAX_GROUPS, MAX_LINES, MAX_WORDS, TYPES, WORDS } from './layout';

/*
 * Which group of a metric each line belongs to, by whatever determines that: its window, and the columns that its dimensions
 * and its condition read. Those are then evaluated once for a group. A slot is a hash of 64 bits and the number of a group;
 * where hashes agree, the words are compared.
 */
const SLOT: usize = 16;
const MASK: u32 = 2 * MAX_GROUPS - 1;
const NO_GROUP: i32 = -1;
/** The time, in a metric's list of columns. */
const TIME_COLUMN: u32 = u32.MAX_VALUE;

let groups: u32 = 0;
let words: u32 = 0;

export function forgetGroups(): void {
  groups = 0;
  words = 0;
  memory.fill(GROUP_SLOTS, 0, SLOT * 2 * MAX_GROUPS);
}
export function groupCount(): u32 {
  return groups;
}
export function isHalfFullOfGroups(): bool {
  return groups > MAX_GROUPS / 2 || words > MAX_WORDS / 2;
}

/**
 * Finds the group of each line of an event type; a line that there is no room for is left to the general path.
 * @param metric its number among all metrics; `slot` that among the metrics of its type.
 * @param minutes the window's length; `columns` is the address of so many numbers of columns.
 */
export function group(lines: u32, type: u32, metric: u32, slot: u32, minutes: u32, columns: usize, count: u32): void {
  for (let row: u32 = 0; row < lines; row++) {
    if (load<u32>(TYPES + 4 * row) !== type) continue;
    const found = groupOf(row, metric, minutes, columns, count);
    if (found === NO_GROUP) store<u32>(TYPES + 4 * row, 0);
    else store<i32>(GROUPS + 4 * (slot * MAX_LINES + row), found);
  }
}

function groupOf(row: u32, metric: u32, minutes: u32, columns: usize, count: u32): i32 {
  if (words + count + 1 > MAX_WORDS) return NO_GROUP;
  const from = WORDS + 8 * words;
  store<u64>(from, ((metric as u64) << 44) | windowOf(row, minutes));
  for (let i: u32 = 0; i < count; i++) {
    const column = load<u32>(columns + 4 * i);
    const word = column === TIME_COLUMN ? timeOf(row) : load<u64>(COLUMNS + 8 * (column * MAX_LINES + row));
    store<u64>(from + 8 * (i + 1), word);
  }
  const length: usize = 8 * (count + 1);
  const hash = hashOf(from, length);
  let at = (hash >> 1) as u32 & MASK;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const slot = GROUP_SLOTS + SLOT * at;
    const known = load<u64>(slot);
    if (known === 0) return added(slot, hash, from, count + 1, row);
    if (known === hash) {
      const found = load<u32>(slot, 8);
      const own = load<u32>(GROUP_LENGTHS + 4 * found);
      if (own === count + 1 && isSame(load<u32>(GROUP_WORDS + 4 * found), from, length)) return found as i32;
    }
    at = (at + 1) & MASK;
  }
  return NO_GROUP;
}

function added(slot: usize, hash: u64, from: usize, length: u32, row: u32): i32 {
  if (groups === MAX_GROUPS) return NO_GROUP;
  words += length;
  const offset = 4 * groups;
  store<u32>(FIRSTS + offset, row);
  store<u32>(GROUP_WORDS + offset, from as u32);
  store<u32>(GROUP_LENGTHS + offset, length);
  store<u64>(slot, hash);
  store<u32>(slot, groups, 8);
  return groups++ as i32;
}

function timeOf(row: u32): u64 {
  return ((load<u32>(DATES + 4 * row) as u64) << 32) | (load<u32>(CLOCKS + 4 * row) as u64);
}

/** YYYYMMDDHHMM of the window's start, less than 2^44. */
function windowOf(row: u32, minutes: u32): u64 {
  const clock = load<u32>(CLOCKS + 4 * row) / 100_000;
  const minute = clock % 100;
  const start = minutes >= 60 ? clock - minute : clock - (minute % minutes);
  return (load<u32>(DATES + 4 * row) as u64) * 10_000 + (start as u64);
}
