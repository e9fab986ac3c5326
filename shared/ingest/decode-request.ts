import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { badRequest, Problem } from '../http/problem.ts';
import { elementsOf } from './json-text.ts';
import { isLine, LIMITS, readLine, type Submitted, type SubmittedValue, unreadableLine } from './submitted.ts';

/** A POST of events, before anything is read from it. */
export interface EventsRequest {
  /** The type from the path, null on POST /events. */
  readonly type: string | null;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * Splits a request into its events: a JSON object, an array or NDJSON; or CloudEvents in binary, structured or batch mode.
 * Lines of NDJSON are not read yet: only one event's objects live at a time, and of most lines none are made.
 * @throws {Problem} 400 if the body cannot be read at all, 413 if it is too large.
 */
export const decodeRequest = async ({ type, headers, body }: EventsRequest): Promise<Iterable<Submitted>> => {
  if (body.length > LIMITS.bodyBytes) throw tooLarge(`Expected a body of at most ${LIMITS.bodyBytes} bytes, got ${body.length}`);
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

const inflate = async (body: Buffer, encoding: string | undefined): Promise<Buffer> => {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding.toLowerCase() !== 'gzip') throw badRequest(`Content-Encoding: Expected gzip or none, got '${encoding.slice(0, 40)}'`);
  let inflated: Buffer;
  try {
    inflated = await promisify(gunzip)(body, { maxOutputLength: LIMITS.inflatedBytes });
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

const readable = (
  type: string | null,
  fallbackId: string,
  index: number,
  value: unknown,
  text: string | null,
  original: SubmittedValue['original'],
): SubmittedValue => ({
  index,
  type,
  fallbackId,
  text,
  value,
  unreadable: null,
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

const split = (body: Buffer, mediaType: string, type: string | null, fallbackId: (index: number) => string): Iterable<Submitted> => {
  const isText = isUtf8(body);
  if (NDJSON.includes(mediaType) || !isText) {
    // Only NDJSON has parts that can be good while others are not.
    if (!isText && !body.includes(NEWLINE)) throw badRequest('Expected a body of well-formed UTF-8');
    const lines = linesOf(body, isText, type, fallbackId);
    if (lines.length === 0) throw empty();
    return lines;
  }
  const text = withoutMark(body.toString());
  if (text.trim() === '') throw empty();
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    const parsed = linesOf(body, isText, type, fallbackId).map((line) => (isLine(line) ? readLine(line) : line));
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

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Lines that are not blank; those that are not UTF-8 are unreadable. */
const linesOf = (bytes: Buffer, isText: boolean, type: string | null, fallbackId: (index: number) => string): Submitted[] => {
  const lines: Submitted[] = [];
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  for (let start = hasMark ? BYTE_ORDER_MARK.length : 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline === -1 ? bytes.length : newline;
    const end = next > start && bytes[next - 1] === RETURN ? next - 1 : next;
    const index = lines.length;
    if (!isText && !isUtf8(bytes.subarray(start, next)))
      lines.push(unreadableLine({ index, type, fallbackId: fallbackId(index) }, bytes.subarray(start, next), 'Expected well-formed UTF-8'));
    else if (!isBlank(bytes, start, end)) lines.push({ index, type, fallbackId: fallbackId(index), bytes, start, end });
    demandFew(lines.length);
    start = next + 1;
  }
  return lines;
};
const isBlank = (bytes: Buffer, start: number, end: number): boolean => bytes[start] !== OBJECT && bytes.toString('utf8', start, end).trim() === '';
const OBJECT = 0x7b;

/** CloudEvents HTTP binding, binary mode: attributes in ce- headers, percent-encoded; the body is the data. */
const binaryEvent = (headers: EventsRequest['headers'], body: Buffer): Submitted => {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), percentDecoded(value)]] : [],
  );
  if (!isUtf8(body)) throw badRequest('Expected a body of well-formed UTF-8');
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
