export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** Files by key. A key is a path of segments of letters, digits and `=_.-`; no file's key is another's folder. */
export interface ObjectStore {
  /** Writes a whole file, durably, in place of what was there. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Null where there is none. The bytes are the caller's own: to change them changes nothing that is stored. */
  get(key: string): Promise<Uint8Array | null>;
  /** Files whose keys start with prefix and sort after `after`, by key. Sees every put that was answered before it. */
  list(prefix: string, after: string): AsyncIterable<StoredObject>;
  /** CRC-32 of a file's bytes as they are stored now; null where the store itself vouches for what it gives back, or holds no such file. */
  checksum(key: string): Promise<number | null>;
  /** Removes files; those that are not there are no error. */
  remove(keys: readonly string[]): Promise<void>;
}
