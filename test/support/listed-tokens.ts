import type { StoredToken, TokenStore } from '../../shared/ports/token-store.ts';

/** A store of tokens that the test keeps itself. */
export const listedTokens = (list: () => readonly StoredToken[]): TokenStore => ({
  list: async () => list(),
  withoutTokens: async () => (list().length > 0 ? 'closed' : 'new'),
  open: async () => {},
  add: async () => {},
  remove: async () => {},
});
