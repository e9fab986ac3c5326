/** What a token permits: sending events, reading answers, or everything. */
export type Scope = 'write' | 'read' | 'admin';

/** A token that was issued. The token itself is not stored. */
export interface StoredToken {
  /** 12 hexadecimal digits; identifies it in lists, and for revoking it. */
  readonly id: string;
  readonly scope: Scope;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly digest: string;
  /** For a public write key: the origins whose pages may use it, such as https://shop.example. Missing for a secret token. */
  readonly origins?: readonly string[];
}

/**
 * Who may call if no token is listed. `closed`: nobody, since tokens were in use; `open`: everybody, as somebody has
 * explicitly requested since; `new`: no token was ever issued.
 */
export type WithoutTokens = 'closed' | 'open' | 'new';

/** The tokens that are valid now. */
export interface TokenStore {
  list(): Promise<readonly StoredToken[]>;
  /** Durable before the first token is: a store that ever had a token returns `closed`, whatever becomes of its list, until `open`. */
  withoutTokens(): Promise<WithoutTokens>;
  /** Lets a store without tokens accept calls without one. @throws {RangeError} while it has tokens. */
  open(): Promise<void>;
  add(token: StoredToken): Promise<void>;
  /** Revokes a token. One that does not exist is not an error. */
  remove(token: StoredToken): Promise<void>;
}
