import { isUtf8 } from 'node:buffer';
import type { EventType, Pipeline } from '../domain/define.ts';
import { identityOf } from '../domain/identity.ts';
import type { Line } from '../domain/record.ts';
import { canonicalTime } from '../domain/times.ts';
import type { Detail } from '../http/problem.ts';
import { CLOUD_EVENT, extensionsOf } from './cloud-event.ts';
import { misreadsOf } from './json-text.ts';
import { plainReader } from './plain-line.ts';
import { isLine, LIMITS, type Reason, type Rejection, readLine, type Submitted, type SubmittedLine, type SubmittedValue } from './submitted.ts';

export interface Accepted {
  readonly line: Line;
  readonly identity: string;
}
export type Judged = Accepted | Rejection;

/** Decides on one event: the line that is stored, or why not. Reads nothing and changes nothing else. */
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
  const id = plain.id ?? fallbackId;
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

  const envelope = type === null ? CLOUD_EVENT.safeParse(value) : null;
  if (envelope?.success === false) return reject('invalid', ...envelope.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })));
  const named = envelope?.data.type ?? type ?? '';
  const eventType = Object.hasOwn(pipeline.events, named) ? pipeline.events[named] : undefined;
  if (eventType === undefined)
    return reject('unknown-type', { path: 'type', message: `Expected one of ${Object.keys(pipeline.events).join(', ')}, got '${named.slice(0, 128)}'` });
  const { raw, encoded } = envelope === null ? { raw: value, encoded: null } : dataOf(envelope.data);
  const at = envelope === null ? '' : 'data.';
  if (!isObject(raw)) return reject('invalid', { path: 'data', message: `Expected a JSON object, got ${kindOfJson(raw)}` });
  if (encoded !== null && depthOf(raw) > LIMITS.depth) return reject('malformed', tooDeep);

  const checked = check(eventType, raw);
  if (Array.isArray(checked)) return reject('invalid', ...checked.map(({ path = '', message }) => ({ path: at + path, message })));
  const { options } = eventType;
  const data = overlay(raw, checked as JsonObject);
  const given = envelope?.data.time ?? data[options.time] ?? null;
  const time = given === null ? canonicalTime(nowMs) : canonicalTime(given);
  const timePath = envelope?.data.time === undefined ? at + options.time : 'time';
  if (time === null)
    return reject('time', {
      path: timePath,
      message: `Expected an RFC 3339 time with a zone, such as 2015-09-12T00:46:58.771Z, or epoch milliseconds, got ${short(given)}`,
    });
  if (time.ms > nowMs + LIMITS.aheadMs)
    return reject('time', { path: timePath, message: `Expected a time at most a day ahead of ${new Date(nowMs).toISOString()}, got ${short(given)}` });

  const id = envelope?.data.id ?? textOf(options.id === undefined ? null : data[options.id]) ?? submitted.fallbackId;
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
  const misreads = [
    ...(isAsWritten ? [] : misreadsOf(text, MAX_MISREADS)),
    ...(encoded === null ? [] : misreadsOf(encoded, MAX_MISREADS).map(({ path, message }) => ({ path: ['data', ...path], message }))),
  ];
  if (misreads.length > 0) return reject('malformed', ...misreads.map(({ path, message }) => ({ path: pathText(path), message })));
  return { line: stored.line, identity: identityOf(stored.source, stored.id) };
};

const MAX_MISREADS = 10;
const tooDeep = { message: `Expected JSON nested at most ${LIMITS.depth} levels deep` };
const rejection = (index: number, reason: Reason, errors: readonly Omit<Detail, 'index'>[]): Rejection => ({
  reason,
  errors: errors.map((error) => ({ index, ...error })),
});

type JsonObject = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const kindOfJson = (value: unknown): string =>
  value === undefined
    ? 'nothing that is JSON'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : typeof value === 'object'
          ? 'an object'
          : `${typeof value} ${short(value)}`;
const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
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
    const result = schema.safeParse(raw);
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
    if (value === before) continue;
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
