import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { badRequest, Problem } from '../http/problem.ts';
import { elementsOf } from './json-text.ts';
import { LIMITS, type Submitted } from './submitted.ts';

/** A POST of events, before anything is read from it. */
export interface EventsRequest {
  /** The type from the path, null on POST /events. */
  readonly type: string | null;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Text where it came as text, which spares decoding it again. */
  readonly body: Buffer | string;
}

/**
 * Splits a request into its events: a JSON object, an array or NDJSON; or CloudEvents in binary, structured or batch mode.
 * To be gone through once: lines of NDJSON are parsed on the way, so that only one event's objects live at a time.
 * @throws {Problem} 400 if the body cannot be read at all, 413 if it is too large.
 */
export const decodeRequest = async ({ type, headers, body }: EventsRequest): Promise<Iterable<Submitted>> => {
  const length = Buffer.byteLength(body);
  if (length > LIMITS.bodyBytes) throw tooLarge(`Expected a body of at most ${LIMITS.bodyBytes} bytes, got ${length}`);
  const inflated = await inflate(body, headers['content-encoding']);
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const key = headers['idempotency-key'];
  if (key !== undefined && (key.length < 1 || key.length > 200)) throw badRequest(`Idempotency-Key: Expected 1 to 200 characters, got ${key.length}`);
  const fallbackId = key === undefined ? () => randomUUID() : (index: number) => `${key}:${index}`;
  return (headers['ce-specversion'] ?? headers['ce-type']) === undefined || type !== null
    ? split(inflated, mediaType, type, fallbackId)
    : [binaryEvent(headers, inflated)];
};

/** Before anything is made of each: a small body inflates to millions. */
const demandFew = (events: number): void => {
  if (events > LIMITS.events) throw tooLarge(`Expected at most ${LIMITS.events} events a request, got ${events}`);
};

const tooLarge = (detail: string) => new Problem(413, 'too-large', 'The request is too large', `${detail}. Send it in parts.`);

const inflate = async (body: Buffer | string, encoding: string | undefined): Promise<Buffer | string> => {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding.toLowerCase() !== 'gzip') throw badRequest(`Content-Encoding: Expected gzip or none, got '${encoding.slice(0, 40)}'`);
  let inflated: Buffer;
  try {
    inflated = await promisify(gunzip)(typeof body === 'string' ? Buffer.from(body) : body, { maxOutputLength: LIMITS.inflatedBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(`Expected a body of at most ${LIMITS.inflatedBytes} bytes once inflated, got more`);
    throw badRequest(`Expected a gzip body, as Content-Encoding says, got one that does not inflate: ${(error as Error).message}`);
  }
  if (inflated.length > LIMITS.bodyBytes && separatorsIn(inflated) > LIMITS.values)
    throw tooLarge(`Expected a body of at most ${LIMITS.values} values once inflated, got more`);
  return inflated;
};

/** About as many as the values that JSON.parse would make, of up to 60 bytes each: 32 MB of `{},` would take a gigabyte. */
const separatorsIn = (bytes: Uint8Array): number => {
  let n = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x2c || bytes[i] === 0x5b || bytes[i] === 0x7b) n++;
  return n;
};

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

const readable = (type: string | null, fallbackId: string, index: number, value: unknown, text: string | null, original: Submitted['original']): Submitted => ({
  index,
  type,
  fallbackId,
  text,
  value,
  unreadable: null,
  original,
});
const unreadable = (type: string | null, fallbackId: string, index: number, message: string, original: string | Uint8Array): Submitted => ({
  index,
  type,
  fallbackId,
  text: null,
  value: undefined,
  unreadable: { reason: 'malformed', errors: [{ index, message }] },
  original,
});

const NDJSON = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/json-lines',
  'application/x-json-stream',
];

const split = (body: Buffer | string, mediaType: string, type: string | null, fallbackId: (index: number) => string): Iterable<Submitted> => {
  const isText = typeof body === 'string' || isUtf8(body);
  const lines = function* (parts: readonly (string | Buffer)[]): Iterable<Submitted> {
    for (const [index, line] of parts.entries())
      yield typeof line === 'string'
        ? parseLine(type, fallbackId(index), index, line)
        : unreadable(type, fallbackId(index), index, 'Expected well-formed UTF-8', line);
  };
  if (NDJSON.includes(mediaType) || !isText) {
    // Only NDJSON has parts that can be good while others are not.
    if (!isText && !body.includes(0x0a)) throw badRequest('Expected a body of well-formed UTF-8');
    const parts = typeof body === 'string' ? textLinesOf(withoutMark(body)) : linesOf(body, isText);
    if (parts.length === 0) throw empty();
    return lines(parts);
  }
  const text = withoutMark(body.toString());
  if (text.trim() === '') throw empty();
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    const parsed = [...lines(textLinesOf(text))];
    if (parsed.length === 1 || parsed.every((line) => line.unreadable !== null))
      throw badRequest(`Expected a JSON object, an array of objects, or one object a line: ${(error as Error).message}`);
    return parsed;
  }
  if (!Array.isArray(whole)) return [readable(type, fallbackId(0), 0, whole, text.trim(), text)];
  const items: readonly unknown[] = whole;
  demandFew(items.length);
  const texts = isCompact(items, text) ? [] : elementsOf(text);
  return items.map((value, index) => readable(type, fallbackId(index), index, value, texts[index] ?? null, texts[index] ?? null));
};
const empty = () => badRequest('Expected events, got an empty body');

/** Whether the text is what JSON.stringify makes of its value, so that nothing in it can have been misread. */
const isCompact = (value: unknown, text: string): boolean => {
  try {
    return JSON.stringify(value) === text;
  } catch (error) {
    if (error instanceof RangeError) return false; // nested too deep to be written; it is rejected for that later
    throw error;
  }
};

const parseLine = (type: string | null, fallbackId: string, index: number, line: string): Submitted => {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  try {
    return readable(type, fallbackId, index, JSON.parse(text), text, text);
  } catch (error) {
    return unreadable(type, fallbackId, index, `Expected a JSON object on each line: ${(error as Error).message}`, text);
  }
};

/** Lines that are not blank. */
const textLinesOf = (text: string): string[] => {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (line.trim() !== '') lines.push(line);
    demandFew(lines.length);
    start = end + 1;
  }
  return lines;
};

/** The same of bytes, each line decoded by itself: one character past Latin-1 would double what all of them take. Those that are not UTF-8 stay bytes. */
const linesOf = (bytes: Buffer, isText: boolean): (string | Buffer)[] => {
  const lines: (string | Buffer)[] = [];
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  for (let start = hasMark ? BYTE_ORDER_MARK.length : 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isText && !isUtf8(bytes.subarray(start, end))) lines.push(bytes.subarray(start, end));
    else {
      const line = bytes.toString('utf8', start, end);
      if (line.trim() !== '') lines.push(line);
    }
    demandFew(lines.length);
    start = end + 1;
  }
  return lines;
};

/** CloudEvents HTTP binding, binary mode: attributes in ce- headers, percent-encoded; the body is the data. */
const binaryEvent = (headers: EventsRequest['headers'], body: Buffer | string): Submitted => {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), percentDecoded(value)]] : [],
  );
  if (typeof body !== 'string' && !isUtf8(body)) throw badRequest('Expected a body of well-formed UTF-8');
  const text = withoutMark(body.toString());
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw badRequest(`Expected a JSON object as the data of a CloudEvent in binary mode: ${(error as Error).message}`);
  }
  const contentType = headers['content-type'];
  const value = { ...Object.fromEntries(attributes), ...(contentType === undefined ? {} : { datacontenttype: contentType }), data };
  // As the structured mode writes it, so that it can be sent again by itself.
  const structured = `${JSON.stringify({ ...value, data: undefined }).slice(0, -1)},"data":${text}}`;
  return readable(null, '', 0, value, structured, structured);
};
const percentDecoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};
