import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { EventType, Pipeline } from '../definition/define.ts';
import { fieldAt, kindOf } from '../definition/kinds.ts';
import { canonicalTime } from '../definition/times.ts';
import type { Line } from '../log/record.ts';
import type { Detail } from '../request/problem.ts';
import { type Reading, readingOf, withoutMarks } from './as-written.ts';
import { checkData, timeMessage } from './check-data.ts';
import { attributesSet, CLOUD_EVENT, extensionsOf } from './cloud-event.ts';
import { isObject, type JsonObject, kindOfJson, short } from './json-kinds.ts';
import { plainReader } from './plain-line.ts';
import { isLine, LIMITS, type Reason, type Rejection, readLine, type Submitted, type SubmittedLine, type SubmittedValue } from './submitted.ts';
import { wrappedIn } from './unknown-fields.ts';

export interface Accepted {
  readonly line: Line;
  readonly source: string;
  readonly id: string;
}
export type Judged = Accepted | Rejection;

/**
 * Validates one event: returns the line to store, or why it is rejected. It has no side effects.
 * @param key of the request; an event that has no id by any other way gets one from it.
 */
export const judge = (submitted: Submitted, pipeline: Pipeline, nowMs: number, key: string): Judged =>
  isLine(submitted)
    ? (judgePlain(submitted, pipeline, nowMs, key) ?? judgeValue(readLine(submitted), pipeline, nowMs, key))
    : judgeValue(submitted, pipeline, nowMs, key);

const readers = new WeakMap<EventType, ReturnType<typeof plainReader>>();

/** Null unless the line is plain and valid; then the same result as judgeValue's. */
const judgePlain = ({ index, type, fallbackId, bytes, start, end }: SubmittedLine, { events }: Pipeline, nowMs: number, key: string): Accepted | null => {
  const eventType = type !== null && Object.hasOwn(events, type) ? events[type] : undefined;
  if (eventType === undefined || (end - start) * 2 > LIMITS.eventBytes) return null;
  let read = readers.get(eventType);
  if (read === undefined) readers.set(eventType, (read = plainReader(eventType)));
  const plain = read?.(bytes, start, end) ?? null;
  if (plain === null || plain.time.ms > nowMs + LIMITS.aheadMs) return null;
  const { time, subject } = plain;
  const id = plain.id ?? fallbackId ?? `${key}:${index}`;
  const idText = JSON.stringify(id);
  if (id.length < 1 || id.length > LIMITS.id || idText.includes('\\') || (subject !== null && subject.length > LIMITS.subject)) return null;
  const source = `/events/${type}`;
  const about = subject === null ? '' : `,"subject":"${subject}"`;
  const head = `{"id":${idText},"source":"${source}","type":"${type}"${about},"time":"${time.text}","data":`;
  return { line: { head, bytes, start, end }, source, id };
};

const judgeValue = (given: SubmittedValue, pipeline: Pipeline, nowMs: number, key: string): Judged => {
  const submitted = unpacked(given);
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
  const came = envelope === null ? value : envelope.data.data;
  const at = envelope === null ? '' : 'data.';
  if (!isObject(came)) return reject('invalid', { path: 'data', message: `Expected a JSON object, got ${kindOfJson(came)}` });
  const wrapped = wrappedIn(eventType.schema, came);
  const checked = wrapped === null ? checkData(eventType, withTimeOf(envelope?.data.time, came, eventType), came) : { errors: [wrapped] };
  if ('errors' in checked) return reject('invalid', ...checked.errors.map(({ path = '', message }) => ({ path: (at + path).replace(/\.$/, ''), message })));
  const { data } = checked;
  const { options } = eventType;
  const said = envelope?.data.time ?? data[options.time] ?? null;
  const time = said === null ? canonicalTime(nowMs) : canonicalTime(said);
  const timePath = envelope?.data.time === undefined ? at + options.time : 'time';
  if (time === null) {
    const message =
      envelope?.data.time === undefined
        ? timeMessage(said, fieldAt(eventType.schema, [options.time]))
        : `Expected an RFC 3339 time with a zone, such as 2015-09-12T00:46:58.771Z, or epoch milliseconds, got ${short(said)}`;
    return reject('time', { path: timePath, message });
  }
  if (time.ms > nowMs + LIMITS.aheadMs)
    return reject('time', { path: timePath, message: `Expected a time at most a day ahead of ${new Date(nowMs).toISOString()}, got ${short(said)}` });

  const id = envelope?.data.id ?? textOf(options.id === undefined ? null : data[options.id]) ?? submitted.fallbackId ?? `${key}:${index}`;
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
  // Compact JSON that is unchanged at the line's end lost nothing in JSON.parse; anything else is walked once.
  const isAsWritten = text === null || stored.line.endsWith(text, stored.line.length - 1) || text === JSON.stringify(value);
  const { wrong, instead } = isAsWritten ? UNCHANGED : readingOf(text, eventType.schema, at);
  if (wrong.length > 0) return reject('malformed', ...wrong.map(({ path, message }) => ({ path: pathText(path), message })));
  if (instead !== null) return judgeInstead(submitted, instead, pipeline, nowMs, key);
  return { line: stored.line, source: stored.source, id: stored.id };
};

const UNCHANGED: Reading = { wrong: [], instead: null };

/** The same event, with numbers as they were written. */
const judgeInstead = (submitted: SubmittedValue, instead: string, pipeline: Pipeline, nowMs: number, key: string): Judged => {
  const judged = judgeValue({ ...submitted, value: JSON.parse(instead), text: null }, pipeline, nowMs, key);
  return 'reason' in judged || typeof judged.line !== 'string' ? judged : { ...judged, line: withoutMarks(judged.line) };
};

/** An event's data, with the envelope's time in its time field if that is missing. */
const withTimeOf = (envelopeTime: string | undefined, data: JsonObject, { schema, options }: EventType): JsonObject => {
  if (envelopeTime === undefined || (data[options.time] ?? null) !== null) return data;
  const time = canonicalTime(envelopeTime);
  const field = fieldAt(schema, [options.time]);
  if (time === null || field === undefined) return data;
  return { ...data, [options.time]: kindOf(field) === 'integer' ? time.ms : time.text };
};

const tooDeep = { message: `Expected JSON nested at most ${LIMITS.depth} levels deep` };
const rejection = (index: number, reason: Reason, errors: readonly Omit<Detail, 'index'>[]): Rejection => ({
  reason,
  errors: errors.map((error) => ({ index, ...error })),
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** Nesting depth, or a number past the limit as soon as that is exceeded. */
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

/** Converts a CloudEvent with data in base64 to one with the data's own text, so that both are validated alike; unchanged if that is not JSON. */
const unpacked = (submitted: SubmittedValue): SubmittedValue => {
  const { value } = submitted;
  if (submitted.type !== null || !isObject(value) || typeof value.data_base64 !== 'string' || !BASE64.safeParse(value.data_base64).success) return submitted;
  const bytes = Buffer.from(value.data_base64, 'base64');
  const { data_base64: _, data: __, ...envelope } = value;
  try {
    const data: unknown = isUtf8(bytes) ? JSON.parse(bytes.toString()) : undefined;
    const text = `${JSON.stringify(envelope).slice(0, -1)},"data":${bytes.toString()}}`;
    return data === undefined ? submitted : { ...submitted, value: { ...envelope, data }, text };
  } catch {
    return submitted;
  }
};
const BASE64 = z.base64();

/** The line, with every lone surrogate replaced by U+FFFD, because the engines treat those differently. JSON.stringify writes one as \ud… */
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
