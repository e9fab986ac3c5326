import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpRequest } from '../request/http.ts';

/**
 * Text that is asked for again and again: 304 without a body where its caller has this very text (RFC 9110, sections 8.8.3 and
 * 13.1.2). Its tag changes with what it says, `speedThrough` included.
 */
export const reply = ({ headers: asked }: Pick<HttpRequest, 'headers'>, mediaType: string, text: string, more: HttpAnswer['headers'] = {}): HttpAnswer => {
  // Weak: the compressed and the plain form are not the same bytes.
  const etag = `W/"${createHash('sha256').update(mediaType).update(text).digest('base64url').slice(0, 22)}"`;
  const headers = { 'cache-control': 'private, no-cache', vary: 'accept, accept-encoding', etag, ...more };
  if (isKnown(asked['if-none-match'], etag)) return { status: 304, headers, body: '' };
  return { status: 200, headers: { ...headers, 'content-type': mediaType }, body: text };
};

/** If-None-Match compares weakly. */
const isKnown = (known: string | undefined, etag: string): boolean => {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return known !== undefined && (known.trim() === '*' || known.split(',').some((tag) => opaque(tag) === opaque(etag)));
};
