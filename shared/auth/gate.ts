import type { Clock } from '../ports/clock.ts';
import type { Scope, StoredToken, TokenStore, WithoutTokens } from '../ports/token-store.ts';
import { allows, findToken } from './tokens.ts';

/** A revoked token stops working after this long. */
const KEEP_MS = 60_000;
/** An unknown token may be new: then the store is read again, but no more often than this. */
const LOOK_AGAIN_MS = 5_000;
/** While the store cannot be read, throttled perhaps, tokens of the last list go on working until it is so old; so does one that was revoked since. */
const STALE_MS = 600_000;

export type Verdict = 'allowed' | 'missing' | 'unknown' | 'forbidden';

export interface Judged {
  readonly verdict: Verdict;
  /** The origins whose pages may use the key; null for a secret token, or none. */
  readonly origins: readonly string[] | null;
}

export interface Gate {
  /** Checks the Authorization header of a call that needs this scope (RFC 6750). */
  judge(authorization: string | undefined, scope: Scope): Promise<Judged>;
  /** The origins of all public keys. */
  origins(): Promise<readonly string[]>;
  /** `tokens`: calls need a listed one. Without any: `lost` if tokens were in use, and nobody has opened the host since; else `open`. */
  doors(): Promise<'tokens' | 'lost' | 'open'>;
}

/** Checks bearer tokens, caching the store's list for a while. */
export const gate = ({ tokens, clock }: { tokens: TokenStore; clock: Clock }): Gate => {
  let known: { readonly list: readonly StoredToken[]; readonly atMs: number } | null = null;
  let withoutTokens: { readonly state: WithoutTokens; readonly atMs: number } | null = null;
  let wereSeen = false;
  let failed: { readonly error: unknown; readonly atMs: number } | null = null;
  const read = async (): Promise<void> => {
    // With a list to go on with, a throttled store is left in peace for a while.
    if (known !== null && failed !== null && clock() - failed.atMs < LOOK_AGAIN_MS) throw failed.error;
    try {
      known = { list: await tokens.list(), atMs: clock() };
      failed = null;
    } catch (error) {
      failed = { error, atMs: clock() };
      throw error;
    }
  };
  const list = async (maxAgeMs: number): Promise<readonly StoredToken[]> => {
    if (known === null || clock() - known.atMs >= maxAgeMs) await read();
    return known?.list ?? [];
  };
  const listOrStale = (maxAgeMs: number): Promise<readonly StoredToken[]> =>
    list(maxAgeMs).catch((error) => {
      if (known === null || clock() - known.atMs >= STALE_MS) throw error;
      return known.list;
    });
  return {
    judge: async (authorization, scope) => {
      const [, token] = /^Bearer +([\w.~+/-]{1,512}=*) *$/i.exec(authorization ?? '') ?? [];
      if (token === undefined) return { verdict: 'missing', origins: null };
      const found = findToken(await listOrStale(KEEP_MS), token) ?? findToken(await list(LOOK_AGAIN_MS), token);
      if (found === null) return { verdict: 'unknown', origins: null };
      return { verdict: allows(found.scope, scope) ? 'allowed' : 'forbidden', origins: found.origins ?? null };
    },
    origins: async () => (await listOrStale(KEEP_MS)).flatMap(({ origins = [] }) => origins),
    doors: async () => {
      if ((await listOrStale(LOOK_AGAIN_MS)).length > 0) {
        if (!wereSeen) await tokens.withoutTokens();
        wereSeen = true;
        return 'tokens';
      }
      if (withoutTokens === null || clock() - withoutTokens.atMs >= LOOK_AGAIN_MS) withoutTokens = { state: await tokens.withoutTokens(), atMs: clock() };
      // A running host that has seen tokens may lose all of its files.
      return withoutTokens.state === 'closed' || (withoutTokens.state === 'new' && wereSeen) ? 'lost' : 'open';
    },
  };
};
