/** What a token lets its holder do: send events, read answers, or everything. */
export type Scope = 'write' | 'read' | 'admin';

/** A token that was handed out. The token itself is kept nowhere. */
export interface StoredToken {
  /** 12 hexadecimal digits; names it in lists, and takes it back. */
  readonly id: string;
  readonly scope: Scope;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly digest: string;
}

/**
 * Who may call where no token is listed: `closed` is nobody, since tokens were in use; `open` is what somebody asked for
 * explicitly since; `new` where none was ever handed out.
 */
export type WithoutTokens = 'closed' | 'open' | 'new';

/** The tokens that are good now. */
export interface TokenStore {
  list(): Promise<readonly StoredToken[]>;
  /** Durable before the token is: a store that has had a token answers `closed`, whatever becomes of its list, until `open`. */
  withoutTokens(): Promise<WithoutTokens>;
  /** Lets a store without tokens answer calls without one. @throws {RangeError} while it has tokens. */
  open(): Promise<void>;
  add(token: StoredToken): Promise<void>;
  /** Takes a token back. One that is not there is no error. */
  remove(token: StoredToken): Promise<void>;
}
