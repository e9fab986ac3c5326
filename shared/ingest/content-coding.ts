import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { badRequest, Problem, tooLarge } from '../request/problem.ts';
import { LIMITS } from './submitted.ts';

type Inflate = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const { zstdDecompress } = zlib as { readonly zstdDecompress?: typeof zlib.gunzip };

/** Content encodings by name (RFC 9110, section 8.4.1; RFC 8878). zstd exists from Node.js 22.15 on. */
const CODINGS: Readonly<Record<string, Inflate>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  ...(zstdDecompress === undefined ? {} : { zstd: promisify(zstdDecompress) as Inflate }),
};
export const ACCEPTED_CODINGS = Object.keys(CODINGS)
  .filter((name) => name !== 'x-gzip')
  .join(', ');
/** No real sender uses more encodings. */
const MAX_LAYERS = 3;

/**
 * A body with its content encodings removed. Unlabelled gzip is detected.
 * @param maxBytes of the body once inflated.
 * @throws {Problem} 415 for an unknown encoding, 400 if it does not inflate, 413 if it is too large.
 */
export const decodeContent = async (body: Buffer, contentEncoding: string | undefined, maxBytes: number = LIMITS.inflatedBytes): Promise<Buffer> => {
  const named = (contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  const codings = named.filter((name) => name !== '' && name !== 'identity');
  if (codings.length === 0 && isGzip(body)) codings.push('gzip');
  if (codings.length > MAX_LAYERS) throw badRequest(`Content-Encoding: Expected at most ${MAX_LAYERS} codings, got ${codings.length}`);
  let bytes = body;
  // Listed in the order in which they were applied.
  for (const coding of codings.reverse()) bytes = await inflate(bytes, coding, maxBytes);
  if (codings.length > 0 && bytes.length > LIMITS.bodyBytes && separatorsIn(bytes) > LIMITS.values)
    throw tooLarge(`Expected a body of at most ${LIMITS.values} values once inflated, got more`);
  return bytes;
};

const inflate = async (bytes: Buffer, coding: string, maxBytes: number): Promise<Buffer> => {
  const decode = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
  if (decode === undefined)
    throw new Problem(
      415,
      'unsupported-coding',
      'Unknown content encoding',
      `Content-Encoding: Expected ${ACCEPTED_CODINGS} or none, got '${coding.slice(0, 40)}'`,
      {
        headers: { 'accept-encoding': ACCEPTED_CODINGS },
      },
    );
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(`Expected a body of at most ${maxBytes} bytes once inflated, got more`);
    throw badRequest(
      `Expected a ${coding} body, as Content-Encoding says, got one that ${isReplaced(bytes) ? REPLACED : `does not inflate: ${(error as Error).message}`}`,
    );
  }
};

/** RFC 1952, section 2.3.1. */
const isGzip = (body: Buffer): boolean => body[0] === 0x1f && body[1] === 0x8b && body[2] === 0x08;

/** Gzip that somebody took for UTF-8: its second byte is none. */
const isReplaced = (body: Buffer): boolean => body[0] === 0x1f && body.subarray(1, 4).equals(Buffer.from('\ufffd'));
const REPLACED = 'was taken for text on its way, which replaced its bytes. Send it as Content-Type: application/x-ndjson or application/octet-stream.';

/** Roughly the number of values that JSON.parse would create, of up to 60 bytes each: 32 MB of `{},` would take a gigabyte. */
const separatorsIn = (bytes: Uint8Array): number => {
  let n = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x2c || bytes[i] === 0x5b || bytes[i] === 0x7b) n++;
  return n;
};
