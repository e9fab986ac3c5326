import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from '../request/http.ts';

/** Below this, a compressed text is hardly smaller. */
const GZIP_FROM_BYTES = 1_024;

/**
 * Text that is asked for again and again: compressed where its caller takes gzip, and 304 without a body where its caller has
 * this very text (RFC 9110, sections 8.8.3 and 13.1.2). Its tag changes with what it says, `speedThrough` included.
 */
export const reply = async (
  { headers: asked }: Pick<HttpRequest, 'headers'>,
  mediaType: string,
  text: string,
  more: HttpAnswer['headers'] = {},
): Promise<HttpAnswer> => {
  // Weak: the compressed and the plain form are not the same bytes.
  const etag = `W/"${createHash('sha256').update(mediaType).update(text).digest('base64url').slice(0, 22)}"`;
  const headers = { 'cache-control': 'private, no-cache', vary: 'accept, accept-encoding', etag, ...more };
  if (isKnown(asked['if-none-match'], etag)) return { status: 304, headers, body: '' };
  const whole = { ...headers, 'content-type': mediaType };
  if (text.length < GZIP_FROM_BYTES || !takesGzip(asked['accept-encoding'])) return { status: 200, headers: whole, body: text };
  return { status: 200, headers: { ...whole, 'content-encoding': 'gzip' }, body: await promisify(gzip)(text, { level: 4 }) };
};

/** If-None-Match compares weakly. */
const isKnown = (known: string | undefined, etag: string): boolean => {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return known !== undefined && (known.trim() === '*' || known.split(',').some((tag) => opaque(tag) === opaque(etag)));
};

const takesGzip = (accepted = ''): boolean => {
  const codings = accepted.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { name, isRefused: quality !== undefined && Number(quality) === 0 };
  });
  const named = codings.find(({ name }) => name === 'gzip' || name === 'x-gzip') ?? codings.find(({ name }) => name === '*');
  return named !== undefined && !named.isRefused;
};
