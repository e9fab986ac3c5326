export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** Files by key. A key is a path of segments of letters, digits and `=_.-`; no file's key is another's folder. */
export interface ObjectStore {
  /** Writes a whole file durably, replacing what was there. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Null if there is no such file. The bytes belong to the caller: changing them changes nothing that is stored. */
  get(key: string): Promise<Uint8Array | null>;
  /** A file's bytes from ≤ position < to; fewer if it ends before, null if there is none. They belong to the caller. */
  getRange(key: string, from: number, to: number): Promise<Uint8Array | null>;
  /** Files whose keys start with prefix and sort after `after`, by key. Sees every put that was acknowledged before it. One that is removed meanwhile may be left out. */
  list(prefix: string, after: string): AsyncIterable<StoredObject>;
  /** CRC-32 of a file's bytes as they are stored now; null if the store itself guarantees contents, or has no such file. */
  checksum(key: string): Promise<number | null>;
  /** Deletes files; those that do not exist are not an error. */
  remove(keys: readonly string[]): Promise<void>;
}
