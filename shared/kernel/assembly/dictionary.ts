import { hashOf, isSame, MAX_PROBES } from './bytes';
import { MAX_TEXT_BYTES, MAX_TEXTS, TEXT_BYTES, TEXT_SLOTS, TEXTS } from './layout';

/*
 * Codes of texts: what a text costs is paid once for each distinct one. A slot is a hash of 64 bits and a code; where hashes
 * agree, the bytes are compared.
 */
const SLOT: usize = 16;
const MASK: u32 = 2 * MAX_TEXTS - 1;

let texts: u32 = 0;
let bytes: u32 = 0;

export function forgetTexts(): void {
  texts = 0;
  bytes = 0;
  memory.fill(TEXT_SLOTS, 0, SLOT * 2 * MAX_TEXTS);
}

export function isHalfFullOfTexts(): bool {
  return texts > MAX_TEXTS / 2 || bytes > MAX_TEXT_BYTES / 2;
}

/** The code of a text, -1 if there is no room for it. */
export function codeOf(from: usize, length: usize): i32 {
  const hash = hashOf(from, length);
  let at = (hash >> 1) as u32 & MASK;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const slot = TEXT_SLOTS + SLOT * at;
    const known = load<u64>(slot);
    if (known === 0) return added(slot, hash, from, length);
    if (known === hash) {
      const code = load<u32>(slot, 8);
      const entry = TEXTS + 8 * code;
      if (load<u32>(entry, 4) === (length as u32) && isSame(load<u32>(entry), from, length)) return code as i32;
    }
    at = (at + 1) & MASK;
  }
  return -1;
}

function added(slot: usize, hash: u64, from: usize, length: usize): i32 {
  if (texts === MAX_TEXTS || bytes + (length as u32) > MAX_TEXT_BYTES) return -1;
  const copy = TEXT_BYTES + bytes;
  memory.copy(copy, from, length);
  bytes += length as u32;
  const entry = TEXTS + 8 * texts;
  store<u32>(entry, copy as u32);
  store<u32>(entry, length as u32, 4);
  store<u64>(slot, hash);
  store<u32>(slot, texts, 8);
  return texts++ as i32;
}
