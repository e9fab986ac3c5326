import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from './http.ts';

/** Below this, a compressed text is hardly smaller. */
const GZIP_FROM_BYTES = 1_024;

/**
 * An answer's text, compressed where its caller takes gzip. Bytes and short texts stay as they are, and so does a text with a
 * strong tag, which names these very bytes (RFC 9110, section 8.8.1).
 */
export const compressed = async (answer: HttpAnswer, { headers: asked }: Pick<HttpRequest, 'headers'>): Promise<HttpAnswer> => {
  const { headers, body } = answer;
  if (typeof body !== 'string' || body.length < GZIP_FROM_BYTES || headers.etag?.startsWith('"') === true) return answer;
  // A cache must not give the one form to whoever takes only the other.
  const varied = { ...headers, vary: headers.vary ?? 'accept-encoding' };
  if (!takesGzip(asked['accept-encoding'])) return { ...answer, headers: varied };
  return { ...answer, headers: { ...varied, 'content-encoding': 'gzip' }, body: await promisify(gzip)(body, { level: 4 }) };
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
