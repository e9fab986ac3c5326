import type { Scope } from '../ports/token-store.ts';
import type { HttpRequest } from '../request/http.ts';
import { foreignOrigin, Problem } from '../request/problem.ts';
import type { Gate } from './gate.ts';

/** The parts of a call that are checked. `key` in its query string may be a public key, because a browser's beacon cannot have headers. */
export type Head = Pick<HttpRequest, 'headers'> & Partial<Pick<HttpRequest, 'query'>>;

/** @throws {Problem} 401 or 403 unless the call has a token of this scope, and a public key is used in a page of its origins. */
export const byToken = async (gate: Gate, { headers, query = '' }: Head, scope: Scope): Promise<void> => {
  const key = headers.authorization === undefined ? new URLSearchParams(query).get('key') : null;
  const { verdict, origins } = await gate.judge(key === null ? headers.authorization : `Bearer ${key}`, scope);
  if (verdict === 'allowed') {
    if (key !== null && origins === null)
      throw unauthorized(
        'unknown',
        'Expected a public write key in ?key=, got a secret token, which would be in logs and histories there. Send it as Authorization: Bearer.',
      );
    if (origins !== null && !origins.includes(headers.origin ?? '')) throw foreignOrigin(headers.origin, origins);
    return;
  }
  if (verdict === 'forbidden')
    throw new Problem(403, 'forbidden', 'The token does not permit this', `Expected a token with scope ${scope}.`, {
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
    });
  throw unauthorized(
    verdict,
    verdict === 'missing' ? `Expected Authorization: Bearer and a token with scope ${scope}.` : 'The token is unknown, or was revoked.',
  );
};

export const unauthorized = (verdict: 'missing' | 'unknown', detail: string): Problem =>
  new Problem(401, 'unauthorized', 'A token is needed', detail, {
    headers: { 'www-authenticate': verdict === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"' },
  });
