import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { EventType, Pipeline } from '../definition/define.ts';
import { fieldAt, kindOf } from '../definition/kinds.ts';
import { canonicalTime } from '../definition/times.ts';
import { identityOf } from '../log/identity.ts';
import type { Line } from '../log/record.ts';
import type { Detail } from '../request/problem.ts';
import { isUnread, withMarks, withoutMarks } from './as-written.ts';
import { attributesSet, CLOUD_EVENT, extensionsOf } from './cloud-event.ts';
import { isObject, type JsonObject, kindOfJson, short, wrapperIn } from './json-kinds.ts';
import { type Misread, misreadsOf } from './json-text.ts';
import { withoutNulls } from './nulls.ts';
import { plainReader } from './plain-line.ts';
import { isLine, LIMITS, type Reason, type Rejection, readLine, type Submitted, type SubmittedLine, type SubmittedValue } from './submitted.ts';

export interface Accepted {
  readonly line: Line;
  readonly identity: string;
}
export type Judged = Accepted | Rejection;

/** Decides on one event: the line that is stored, or why not. Reads and changes nothing else, but draws an id where the event has none. */
export const judge = (submitted: Submitted, pipeline: Pipeline, nowMs: number): Judged =>
  isLine(submitted) ? (judgePlain(submitted, pipeline, nowMs) ?? judgeValue(readLine(submitted), pipeline, nowMs)) : judgeValue(submitted, pipeline, nowMs);

const readers = new WeakMap<EventType, ReturnType<typeof plainReader>>();

/** Null unless the line is plain and good; then what judgeValue would decide too. */
const judgePlain = ({ type, fallbackId, bytes, start, end }: SubmittedLine, { events }: Pipeline, nowMs: number): Accepted | null => {
  const eventType = type !== null && Object.hasOwn(events, type) ? events[type] : undefined;
  if (eventType === undefined || (end - start) * 2 > LIMITS.eventBytes) return null;
  let read = readers.get(eventType);
  if (read === undefined) readers.set(eventType, (read = plainReader(eventType)));
  const plain = read?.(bytes, start, end) ?? null;
  if (plain === null || plain.time.ms > nowMs + LIMITS.aheadMs) return null;
  const { time, subject } = plain;
  const id = plain.id ?? fallbackId ?? randomUUID();
  const idText = JSON.stringify(id);
  if (id.length < 1 || id.length > LIMITS.id || idText.includes('\\') || (subject !== null && subject.length > LIMITS.subject)) return null;
  const source = `/events/${type}`;
  const about = subject === null ? '' : `,"subject":"${subject}"`;
  const head = `{"id":${idText},"source":"${source}","type":"${type}"${about},"time":"${time.text}","data":`;
  return { line: { head, bytes, start, end }, identity: identityOf(source, id) };
};

const judgeValue = (submitted: SubmittedValue, pipeline: Pipeline, nowMs: number): Judged => {
  const { index, type, value } = submitted;
  if (submitted.unreadable !== null) return submitted.unreadable;
  const reject = (reason: Reason, ...errors: readonly Omit<Detail, 'index'>[]) => rejection(index, reason, errors);
  if (!isObject(value)) return reject('malformed', { message: `Expected a JSON object, got ${kindOfJson(value)}` });
  if (depthOf(value) > LIMITS.depth) return reject('malformed', tooDeep);

  const envelope = type === null ? CLOUD_EVENT.safeParse(attributesSet(value)) : null;
  if (envelope?.success === false) return reject('invalid', ...envelope.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })));
  const named = envelope?.data.type ?? type ?? '';
  const eventType = Object.hasOwn(pipeline.events, named) ? pipeline.events[named] : undefined;
  if (eventType === undefined)
    return reject('unknown-type', { path: 'type', message: `Expected one of ${Object.keys(pipeline.events).join(', ')}, got '${named.slice(0, 128)}'` });
  const { raw: given, encoded } = envelope === null ? { raw: value, encoded: null } : dataOf(envelope.data);
  const at = envelope === null ? '' : 'data.';
  if (!isObject(given)) return reject('invalid', { path: 'data', message: `Expected a JSON object, got ${kindOfJson(given)}` });
  if (encoded !== null && depthOf(given) > LIMITS.depth) return reject('malformed', tooDeep);
  const raw = withTimeOf(envelope?.data.time, given, eventType);
  const wrapper = wrapperIn(raw, Object.keys(eventType.schema.shape));
  if (wrapper !== null)
    return reject('invalid', {
      path: at + wrapper,
      message: `Expected one event, got an object with a list under '${wrapper}'. Send the list itself: an array, or an object a line.`,
    });

  const checked = check(eventType, raw);
  if (Array.isArray(checked)) return reject('invalid', ...checked.map(({ path = '', message }) => ({ path: at + path, message })));
  const { options } = eventType;
  const data = overlay(raw, checked as JsonObject);
  const said = envelope?.data.time ?? data[options.time] ?? null;
  const time = said === null ? canonicalTime(nowMs) : canonicalTime(said);
  const timePath = envelope?.data.time === undefined ? at + options.time : 'time';
  if (time === null)
    return reject('time', {
      path: timePath,
      message: `Expected an RFC 3339 time with a zone, such as 2015-09-12T00:46:58.771Z, or epoch milliseconds, got ${short(said)}`,
    });
  if (time.ms > nowMs + LIMITS.aheadMs)
    return reject('time', { path: timePath, message: `Expected a time at most a day ahead of ${new Date(nowMs).toISOString()}, got ${short(said)}` });

  const id = envelope?.data.id ?? textOf(options.id === undefined ? null : data[options.id]) ?? submitted.fallbackId ?? randomUUID();
  const source = envelope?.data.source ?? `/events/${named}`;
  const subject = envelope?.data.subject ?? textOf(options.subject === undefined ? null : data[options.subject]);
  if (id.length < 1 || id.length > LIMITS.id)
    return reject('invalid', { path: at + (options.id ?? 'id'), message: `Expected an id of 1 to ${LIMITS.id} characters, got ${id.length}` });
  const stored = wellFormed({
    ...(envelope === null ? {} : extensionsOf(envelope.data)),
    id,
    source,
    type: named,
    ...(subject === null ? {} : { subject: subject.slice(0, LIMITS.subject) }),
    time: time.text,
    data,
  });
  if (stored.line.length * 3 > LIMITS.eventBytes && Buffer.byteLength(stored.line) > LIMITS.eventBytes)
    return reject('too-large', { message: `Expected an event of at most ${LIMITS.eventBytes} bytes, got ${Buffer.byteLength(stored.line)}` });

  const { text } = submitted;
  // Compact JSON that stands unchanged at the line's end lost nothing in JSON.parse; anything else is walked once.
  const isAsWritten = text === null || stored.line.endsWith(text, stored.line.length - 1) || text === JSON.stringify(value);
  const isHarmless = (misread: Misread) => isFloat(misread, eventType, at) || isKept(misread, eventType, at);
  const first = isAsWritten ? [] : misreadsOf(text, MAX_MISREADS);
  // Most events have none; where all of the first are harmless, the others are looked at too.
  const read = first.length === MAX_MISREADS && first.every(isHarmless) ? misreadsOf(text ?? '', MAX_KEPT) : first;
  const kept = read.length < MAX_KEPT ? read.filter((misread) => isKept(misread, eventType, at)) : [];
  const misreads = [
    ...read.filter((misread) => read.length === MAX_KEPT || !isHarmless(misread)).slice(0, MAX_MISREADS),
    ...(encoded === null ? [] : misreadsOf(encoded, MAX_MISREADS).map((misread) => ({ ...misread, path: ['data', ...misread.path] }))),
  ];
  if (misreads.length > 0) return reject('malformed', ...misreads.map(({ path, message }) => ({ path: pathText(path), message })));
  if (kept.length > 0 && text !== null) return judgeAsWritten(submitted, withMarks(text, kept), pipeline, nowMs);
  return { line: stored.line, identity: identityOf(stored.source, stored.id) };
};

/** The same event, with numbers of fields that nobody reads as they were written. */
const judgeAsWritten = (submitted: SubmittedValue, marked: string, pipeline: Pipeline, nowMs: number): Judged => {
  const judged = judgeValue({ ...submitted, value: JSON.parse(marked), text: null }, pipeline, nowMs);
  return 'reason' in judged || typeof judged.line !== 'string' ? judged : { ...judged, line: withoutMarks(judged.line) };
};

/** Where a number is, within the data. */
const inData = (path: Misread['path'], at: string) => (at === '' ? path : path.slice(1));
const isKept = ({ path, isNumber }: Misread, { schema }: EventType, at: string): boolean =>
  isNumber && (at === '' || path[0] === 'data') && isUnread(schema, inData(path, at));
/** A double is what a float field holds, however many digits its text has. */
const isFloat = ({ path, isNumber }: Misread, { schema }: EventType, at: string): boolean => {
  if (!isNumber || (at !== '' && path[0] !== 'data')) return false;
  const field = fieldAt(schema, inData(path, at));
  return field !== undefined && kindOf(field) === 'float';
};

/** An event's data with the envelope's time in the field of its time, where it lacks that. */
const withTimeOf = (envelopeTime: string | undefined, data: JsonObject, { schema, options }: EventType): JsonObject => {
  if (envelopeTime === undefined || (data[options.time] ?? null) !== null) return data;
  const time = canonicalTime(envelopeTime);
  const field = schema.shape[options.time];
  if (time === null || field === undefined) return data;
  return { ...data, [options.time]: kindOf(field) === 'integer' ? time.ms : time.text };
};

const MAX_MISREADS = 10;
/** Numbers of one event that stay as they were written. */
const MAX_KEPT = 10_000;
const tooDeep = { message: `Expected JSON nested at most ${LIMITS.depth} levels deep` };
const rejection = (index: number, reason: Reason, errors: readonly Omit<Detail, 'index'>[]): Rejection => ({
  reason,
  errors: errors.map((error) => ({ index, ...error })),
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** Levels of containers, or a number past the limit as soon as it is passed. */
const depthOf = (value: unknown, level = 0): number => {
  if (typeof value !== 'object' || value === null) return level;
  if (level >= LIMITS.depth) return LIMITS.depth + 1;
  let deepest = level + 1;
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === 'object' && inner !== null) deepest = Math.max(deepest, depthOf(inner, level + 1));
  }
  return deepest;
};

/** The data of a CloudEvent, and its own text where the envelope holds it in base64. */
const dataOf = ({ data, data_base64 }: { data?: unknown; data_base64?: string | undefined }): { raw: unknown; encoded: string | null } => {
  if (data_base64 === undefined) return { raw: data, encoded: null };
  const bytes = Buffer.from(data_base64, 'base64');
  const encoded = bytes.toString('utf8');
  try {
    return { raw: isUtf8(bytes) ? JSON.parse(encoded) : undefined, encoded };
  } catch {
    return { raw: undefined, encoded };
  }
};

/** The data as its schema gives it back, or what is wrong with it. */
const check = ({ schema }: EventType, raw: JsonObject): JsonObject | Omit<Detail, 'index'>[] => {
  try {
    const result = schema.safeParse(withoutNulls(schema, raw));
    return result.success ? result.data : result.error.issues.slice(0, 20).map((issue) => ({ path: pathText(issue.path), message: issue.message }));
  } catch (error) {
    return [{ path: '', message: `The schema failed: ${(error as Error).message}` }];
  }
};

/** What came, with what the schema changed (defaults, transforms) on top: fields that it does not know stay for a later definition. */
const overlay = (raw: JsonObject, checked: JsonObject): JsonObject => {
  let merged: Record<string, unknown> | null = null;
  for (const name in checked) {
    const value = checked[name];
    const before = raw[name];
    if (value === before || value === undefined) continue;
    const after = isObject(value) && isObject(before) ? overlay(before, value) : value;
    if (after === before || (Array.isArray(after) && JSON.stringify(after) === JSON.stringify(before))) continue;
    merged ??= { ...raw };
    Object.defineProperty(merged, name, { value: after, enumerable: true, configurable: true, writable: true });
  }
  return merged ?? raw;
};

/** The line, with every lone surrogate replaced by U+FFFD: the engines disagree on those. JSON.stringify writes one as \ud… */
const wellFormed = <T extends { readonly id: string; readonly source: string }>(envelope: T): { line: string; id: string; source: string } => {
  const line = JSON.stringify(envelope);
  if (!line.includes('\\ud')) return { line, id: envelope.id, source: envelope.source };
  const clean = cleaned(envelope) as typeof envelope;
  return { line: JSON.stringify(clean), id: clean.id, source: clean.source };
};
const cleaned = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(cleaned);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [cleaned(name), cleaned(inner)]));
  return value;
};
