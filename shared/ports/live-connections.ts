/** Who follows which metrics, over connections that the platform holds open and sends to by id. */

export interface Follower {
  /** Names. */
  readonly metrics: readonly string[];
  /** A digest of the token that it came with; empty without one. */
  readonly token: string;
}
export interface LiveConnection extends Follower {
  readonly id: string;
}

export interface LiveConnections {
  /** Keeps a follower under its ticket's digest until a time in epoch milliseconds. */
  issue(digest: string, follower: Follower, expiresAtMs: number): Promise<void>;
  /** The follower of a ticket that has not expired: of several callers one gets it, the others null. */
  redeem(digest: string): Promise<Follower | null>;
  /** Lists a connection until it is removed, or until a time in epoch milliseconds. Adding it again changes nothing else. */
  add(connection: LiveConnection, expiresAtMs: number): Promise<void>;
  /** A connection that is not listed is not an error. */
  remove(id: string): Promise<void>;
  /** All of them; if `eventual`, one that was added a moment ago may be missing, and one that was removed may still be there. */
  list(reads: 'eventual' | 'consistent'): Promise<readonly LiveConnection[]>;
}

export interface LivePost {
  /**
   * Sends a text to a connection. `gone`: it was closed, and gets nothing any more; `failed`: it may be open, but was not
   * reached, after retries. Never throws.
   */
  send(id: string, text: string): Promise<'sent' | 'gone' | 'failed'>;
  /** Closes a connection, if it is still open. Never throws. */
  disconnect(id: string): Promise<void>;
}
