import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { badRequest, tooLarge, unsupported } from '../request/problem.ts';
import { isJsonType } from './cloud-event.ts';
import { headerAttributes, modeOf } from './cloud-event-http.ts';
import { decodeContent } from './content-coding.ts';
import { rowsOf } from './csv-rows.ts';
import { elementPlaces } from './json-places.ts';
import { objectsIn } from './json-sequence.ts';
import { beginsWithLine, linesOf } from './lines.ts';
import { type FallbackId, requestIds } from './request-ids.ts';
import { LIMITS, type Submitted, type SubmittedValue } from './submitted.ts';

/** A POST of events, before anything of it is parsed. */
export interface EventsRequest {
  /** The type from the path, null on POST /events. */
  readonly type: string | null;
  /** The schema of that type; null on POST /events. */
  readonly schema: z.ZodType | null;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Of the body once inflated; LIMITS.inflatedBytes by default. */
  readonly maxBytes?: number;
}

const NDJSON = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/json-lines',
  'application/x-json-stream',
];
const CSV = ['text/csv', 'application/csv'];

/**
 * Splits a request into its events: a JSON object, an array, NDJSON or CSV; or CloudEvents in binary, structured or batch
 * mode. A body is either one JSON document or lines: it is never split at line breaks if it begins as an array, or as an
 * object that does not end on its line. Lines are not parsed yet, so that only one event's objects exist at a time, and for
 * most lines none are created.
 * @throws {Problem} 400 if the body cannot be read at all, 413 if it is too large, 415 if it is of an unsupported kind.
 */
export const decodeRequest = async ({ type, schema, headers, body, maxBytes }: EventsRequest): Promise<Iterable<Submitted>> => {
  if (body.length > LIMITS.bodyBytes) throw tooLarge(`Expected a body of at most ${LIMITS.bodyBytes} bytes, got ${body.length}`);
  const bytes = await decodeContent(body, headers['content-encoding'], maxBytes);
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const fallbackId = requestIds(headers);
  const mode = modeOf(mediaType, headers);
  if (mode === 'binary') return [ofType(type, binaryEvent(headers, bytes))];
  if (mode !== null) return cloudEvents(mode, type, bytes, fallbackId);
  demandText(bytes, mediaType);
  if (CSV.includes(mediaType)) return csvEvents(bytes, type, schema, fallbackId);
  return split(bytes, mediaType, type, fallbackId);
};

/** Checked before any values are created: a small body can inflate to millions. */
const demandFew = (events: number): void => {
  if (events > LIMITS.events) throw tooLarge(`Expected at most ${LIMITS.events} events a request, got ${events}`);
};

/** The first bytes of archives, columnar files and other encodings; and bytes that are not text at all. */
const BINARY = ['28b52ffd', '504b0304', '425a68', 'fd377a585a00', '04224d18', '50415231', '4f626a01', 'ff060000734e6150'];
const UTF_16 = ['fffe', 'feff'];
const demandText = (bytes: Buffer, mediaType: string): void => {
  const begins = (marks: readonly string[]) => marks.some((mark) => bytes.subarray(0, mark.length / 2).toString('hex') === mark);
  const isBinary = begins(BINARY) || (!begins(UTF_16) && bytes.subarray(0, 512).includes(0) && !isUtf8(bytes));
  const isOther = /^(image|audio|video|font|multipart)\//.test(mediaType) || /\b(xml|avro|protobuf|msgpack|cbor)\b/.test(mediaType);
  if (isBinary || isOther)
    throw unsupported(
      `Expected JSON, NDJSON, CSV or CloudEvents, compressed or not, got ${mediaType === '' ? 'other bytes' : mediaType.slice(0, 80)}. Name a compression in Content-Encoding.`,
    );
};

const readable = (type: string | null, fallbackId: string | null, index: number, value: unknown, text: string | null): SubmittedValue => ({
  index,
  type,
  fallbackId,
  text,
  value,
  unreadable: null,
  original: text,
});
const empty = () => badRequest('Expected events, got an empty body');

const split = (body: Buffer, mediaType: string, type: string | null, fallbackId: FallbackId): Iterable<Submitted> => {
  const lines = () => {
    const found = linesOf(body, type, fallbackId);
    if (found.length === 0) throw empty();
    return found;
  };
  if (NDJSON.includes(mediaType) && !isArray(body)) return lines();
  if (!isUtf8(body)) {
    // Only with lines can some parts be valid while others are not.
    if (beginsWithLine(body)) return lines();
    throw badRequest('Expected a body of well-formed UTF-8');
  }
  const text = withoutMark(body.toString());
  if (text.trim() === '') throw empty();
  try {
    const whole: unknown = JSON.parse(text);
    return Array.isArray(whole) ? elements(whole, body, type, fallbackId) : [readable(type, fallbackId(0), 0, whole, text.trim())];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (beginsWithLine(body)) return lines();
    const objects = objectsIn(text);
    if (objects === null) throw notJson(text, error);
    demandFew(objects.length);
    return objects.map((object, index) => readable(type, fallbackId(index), index, parsed(object, text), object));
  }
};

/** Most elements are plain, so they are validated byte by byte, as lines are. */
const elements = (values: readonly unknown[], bytes: Buffer, type: string | null, fallbackId: FallbackId): Submitted[] => {
  demandFew(values.length);
  const places = elementPlaces(bytes);
  return values.map((value, index) => {
    const { start, end } = places[index] as (typeof places)[number];
    return { index, type, fallbackId: fallbackId(index), bytes, start, end, value };
  });
};

const parsed = (object: string, text: string): unknown => {
  try {
    return JSON.parse(object);
  } catch (error) {
    throw notJson(text, error as SyntaxError);
  }
};
/** The message guesses the cause: usually a file that curl sent without its line breaks. */
const notJson = (text: string, error: SyntaxError) =>
  badRequest(
    `Expected a JSON object, an array of objects, or one object a line: ${error.message}${/^\s*\{/.test(text) ? ' (curl keeps line breaks by --data-binary)' : ''}`,
  );

/** The events of a batch. */
const batched = (values: readonly unknown[], text: string, bytes: Buffer, fallbackId: FallbackId): SubmittedValue[] => {
  demandFew(values.length);
  const places = isCompact(values, text) ? [] : elementPlaces(bytes);
  const textAt = (index: number): string | null => {
    const place = places[index];
    return place === undefined ? null : bytes.toString('utf8', place.start, place.end);
  };
  return values.map((value, index) => readable(null, fallbackId(index), index, value, textAt(index)));
};

/** Whether the text is exactly what JSON.stringify makes of its value, so that nothing in it can have been misread. */
const isCompact = (value: unknown, text: string): boolean => {
  try {
    return JSON.stringify(value) === text;
  } catch (error) {
    if (error instanceof RangeError) return false; // nested too deep to be serialized; it is rejected for that later
    throw error;
  }
};
/** An array under the media type of lines can mean nothing else. */
const isArray = (body: Buffer): boolean => /^\ufeff?\s*\[/.test(body.subarray(0, 100).toString());
const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

const csvEvents = (body: Buffer, type: string | null, schema: z.ZodType | null, fallbackId: FallbackId): Submitted[] => {
  if (type === null || schema === null) throw badRequest('CSV: Expected a type in the path, POST /events/{type}, since its columns are the fields of one');
  if (!isUtf8(body)) throw badRequest('Expected a body of well-formed UTF-8');
  const rows = rowsOf(body.toString(), schema);
  demandFew(rows.length);
  return rows.map((row, index) => readable(type, fallbackId(index), index, row, null));
};

const jsonOf = (body: Buffer, what: string): { readonly text: string; readonly value: unknown } => {
  if (!isUtf8(body)) throw badRequest('Expected a body of well-formed UTF-8');
  const text = withoutMark(body.toString());
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    throw badRequest(`Expected ${what}: ${(error as Error).message}`);
  }
};

const cloudEvents = (mode: 'structured' | 'batch', type: string | null, body: Buffer, fallbackId: FallbackId): Submitted[] => {
  const isBatch = mode === 'batch';
  const { text, value } = jsonOf(body, isBatch ? 'a JSON array of CloudEvents, as Content-Type says' : 'a CloudEvent as a JSON object, as Content-Type says');
  // Some clients send an array under the type of one event, or one event under that of a batch: the meaning is clear.
  const events = Array.isArray(value) ? batched(value, text, body, fallbackId) : [readable(null, fallbackId(0), 0, value, text.trim())];
  return events.map((event) => ofType(type, event));
};

/**
 * An event in binary mode, converted to structured mode, so that it can be replayed by itself. Data that is not JSON becomes
 * what the JSON format makes of it; such an event is rejected by its content type.
 */
const binaryEvent = (headers: EventsRequest['headers'], body: Buffer): SubmittedValue => {
  const attributes = headerAttributes(headers);
  const { datacontenttype = 'application/json' } = attributes;
  if (body.length > 0 && isJsonType(datacontenttype)) {
    const { text, value: data } = jsonOf(body, 'a JSON object as the data of a CloudEvent in binary mode');
    return readable(null, '', 0, { ...attributes, data }, `${JSON.stringify(attributes).slice(0, -1)},"data":${text}}`);
  }
  const data = body.length === 0 ? {} : isUtf8(body) ? { data: body.toString() } : { data_base64: body.toString('base64') };
  const value = { ...attributes, ...data };
  return readable(null, '', 0, value, JSON.stringify(value));
};

/** The path may also name the type of a CloudEvent, but no other one. */
const ofType = (type: string | null, event: SubmittedValue): SubmittedValue => {
  const named = (event.value as { readonly type?: unknown } | null)?.type;
  if (type !== null && typeof named === 'string' && named !== type)
    throw badRequest(`type: Expected '${type}', as the path says, got a CloudEvent of type '${named.slice(0, 128)}'. POST /events takes any type.`);
  return event;
};
