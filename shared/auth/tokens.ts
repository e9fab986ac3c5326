import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope, StoredToken } from '../ports/token-store.ts';

export const SCOPES: readonly Scope[] = ['write', 'read', 'admin'];
/** Lets secret scanners recognise a token that was committed by mistake. */
const PREFIX = 'twinstream_';

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

interface Created {
  readonly token: string;
  readonly stored: StoredToken;
}
const create = (kind: string, scope: Scope): Created => {
  const token = `${PREFIX}${kind}_${randomBytes(32).toString('base64url')}`;
  return { token, stored: { id: randomBytes(6).toString('hex'), scope, digest: digestOf(token).toString('hex') } };
};

/** A new token of 256 random bits, and what to store of it. */
export const createToken = (scope: Scope): Created => create(scope, scope);

/** A key that may be in a page: anyone who reads it can post events from pages of these origins, and nothing else. */
export const createPublicKey = (origins: readonly string[]): Created => {
  const { token, stored } = create('public', 'write');
  return { token, stored: { ...stored, origins } };
};

/** An origin as a browser writes it (RFC 6454, section 6.1), or null if the text is not one. @example originOf('https://shop.example/') // 'https://shop.example' */
export const originOf = (text: string): string | null => {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, pathname, search, hash, username } = new URL(text);
  const isOrigin = ['http:', 'https:'].includes(protocol) && pathname === '/' && search === '' && hash === '' && username === '';
  return isOrigin ? origin : null;
};

/** The stored token that matches, or null. Compares in constant time. */
export const findToken = (tokens: readonly StoredToken[], token: string): StoredToken | null => {
  const digest = digestOf(token);
  let found: StoredToken | null = null;
  for (const stored of tokens) {
    const expected = Buffer.from(stored.digest, 'hex');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) found = stored;
  }
  return found;
};

/** `write` posts events, `read` queries, `admin` may do everything. */
export const allows = (given: Scope, asked: Scope): boolean => given === asked || given === 'admin';
