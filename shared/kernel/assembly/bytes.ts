/** Whether the same `length` bytes are at both places. */
export function isSame(a: usize, b: usize, length: usize): bool {
  const end = a + length;
  while (a + 8 <= end) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  while (a < end) {
    if (load<u8>(a) !== load<u8>(b)) return false;
    a++;
    b++;
  }
  return true;
}

/**
 * How many slots of a table are looked at. Tables are at most half full, so usual texts are found within a few; whoever posts
 * texts that all want the same slots sends their lines to the general path.
 */
export const MAX_PROBES: u32 = 256;

const SEED: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;
/** Of MurmurHash3's finalizer. */
const FACTOR: u64 = (0xff51afd7 << 32) | 0xed558ccd;

/** 64 bits of a hash, never 0, which marks a free slot. */
export function hashOf(from: usize, length: usize): u64 {
  let hash: u64 = SEED ^ (length as u64);
  const end = from + length;
  while (from + 8 <= end) {
    hash = mixed(hash ^ load<u64>(from));
    from += 8;
  }
  let tail: u64 = 0;
  for (let shift: u64 = 0; from < end; shift += 8) tail |= (load<u8>(from++) as u64) << shift;
  return mixed(hash ^ tail) | 1;
}

function mixed(hash: u64): u64 {
  hash *= FACTOR;
  return hash ^ (hash >> 32);
}
