import { hash } from 'node:crypto';

/**
 * What an event is noted as, so that its duplicates are detected: a pure function of source and id, whoever made the id.
 * An id `{key}:{index}`, as an Idempotency-Key or ingest makes them, is one of 512 places in a unit, so a request is noted as
 * one. Any other id is a unit of its own, without places. Units with and without places never meet.
 */
export interface Unit {
  /** 64 bits of its hash, in halves. */
  readonly high: number;
  readonly low: number;
  /** Its place in the unit, from 0 to 511; -1 for a unit without places. */
  readonly offset: number;
}

/** Pinned, as is what is hashed: stored notes and lanes depend on it. */
export const PLACES = 512;
const MAX_DIGITS = 6;

/** The unit of an event. Events of a request share one, so it remembers the last: hashing costs more than all else. */
export const unitReader = (): ((source: string, id: string) => Unit) => {
  let known = { source: '', key: '', chunk: -1, high: 0, low: 0 };
  return (source, id) => {
    const colon = colonBeforeIndex(id);
    if (colon < 0) return ownUnit(source, id);
    const index = Number(id.slice(colon + 1));
    const chunk = Math.floor(index / PLACES);
    const isSame = known.chunk === chunk && known.key.length === colon && known.source === source && id.startsWith(known.key);
    if (!isSame) {
      const key = id.slice(0, colon);
      known = { source, key, chunk, ...placedUnit(source, key, chunk) };
    }
    return { high: known.high, low: known.low, offset: index % PLACES };
  };
};

/** The hash of a unit with places: ids `{key}:{index}`, 512 by 512. */
export const placedUnit = (source: string, key: string, chunk: number): Pick<Unit, 'high' | 'low'> => {
  const digest = digestOf(`${source.length}:${source}${chunk}:${key}`);
  return { high: word(digest, 0), low: word(digest, 4) };
};

/** The unit of an id without an index: the first 64 bits of its identity. */
export const ownUnit = (source: string, id: string): Unit => {
  const digest = digestOf(`${source.length}:${source}${id}`);
  return { high: word(digest, 0), low: word(digest, 4), offset: -1 };
};

/** Where the colon of `{key}:{index}` is; -1 for an id of another form. An index has one to six digits, without leading zeros. */
const colonBeforeIndex = (id: string): number => {
  let at = id.length - 1;
  while (at >= 0 && at >= id.length - MAX_DIGITS && isDigit(id.charCodeAt(at))) at--;
  const digits = id.length - 1 - at;
  return digits > 0 && id.charCodeAt(at) === COLON && (digits === 1 || id.charCodeAt(at + 1) !== ZERO) ? at : -1;
};
const COLON = 0x3a;
const ZERO = 0x30;
const isDigit = (code: number): boolean => code >= ZERO && code <= 0x39;

/** A character a byte. */
const digestOf = (text: string): string => hash('md5', text, 'binary');
const word = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) | (bytes.charCodeAt(at + 1) << 16) | (bytes.charCodeAt(at + 2) << 8) | bytes.charCodeAt(at + 3)) >>> 0;
