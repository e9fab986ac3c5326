import type { Scope } from '../http/routes.ts';

/** A token that was handed out. The token itself is kept nowhere. */
export interface StoredToken {
  /** 12 hexadecimal digits; names it in lists, and takes it back. */
  readonly id: string;
  readonly scope: Scope;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly digest: string;
}

/** The tokens that are good now. */
export interface TokenStore {
  list(): Promise<readonly StoredToken[]>;
  add(token: StoredToken): Promise<void>;
  /** Takes a token back. One that is not there is no error. */
  remove(token: StoredToken): Promise<void>;
}
