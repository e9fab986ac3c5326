import type { Detail } from '../request/problem.ts';

/** One event of a request, as it came. */
export type Submitted = SubmittedLine | SubmittedValue;

interface SubmittedEvent {
  /** Its position among the request's events. */
  readonly index: number;
  /** The type from the path, for plain JSON; null for a CloudEvent, which has its own. */
  readonly type: string | null;
  /** The id that it gets if it has none; null for one from a key that ingest makes. */
  readonly fallbackId: string | null;
}
/** The JSON text of an event: bytes[start, end), well-formed UTF-8. */
export interface SubmittedLine extends SubmittedEvent {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The parsed value of an element, since an array is parsed whole; missing for a line of NDJSON, which is not parsed yet. */
  readonly value?: unknown;
}
export interface SubmittedValue extends SubmittedEvent {
  /** Its own JSON text if the request has it separately (NDJSON), else null. */
  readonly text: string | null;
  /** Its parsed value; undefined if it cannot be parsed, and `unreadable` says why. */
  readonly value: unknown;
  readonly unreadable: Rejection | null;
  /** What to keep if it is rejected; null if `value` as JSON is complete. */
  readonly original: string | Uint8Array | null;
}

export const isLine = (submitted: Submitted): submitted is SubmittedLine => 'bytes' in submitted;

/** Parses a line, unless it already is. */
export const readLine = ({ index, type, fallbackId, bytes, start, end, value }: SubmittedLine): SubmittedValue => {
  const text = bytes.toString('utf8', start, end);
  try {
    return { index, type, fallbackId, text, value: value === undefined ? JSON.parse(text) : value, unreadable: null, original: text };
  } catch (error) {
    return unreadableLine({ index, type, fallbackId }, text, `Expected a JSON object on each line: ${(error as Error).message}`);
  }
};
export const unreadableLine = (event: SubmittedEvent, original: string | Uint8Array, message: string): SubmittedValue => ({
  ...event,
  text: null,
  value: undefined,
  unreadable: { reason: 'malformed', errors: [{ index: event.index, message }] },
  original,
});

export const originalBytes = (submitted: Submitted): Uint8Array => {
  if (isLine(submitted)) return submitted.bytes.subarray(submitted.start, submitted.end);
  const { original, value } = submitted;
  return original === null ? Buffer.from(JSON.stringify(value)) : typeof original === 'string' ? Buffer.from(original) : original;
};

/** Why an event was not accepted. */
export interface Rejection {
  readonly reason: Reason;
  readonly errors: readonly Detail[];
}

/** The reasons by which quarantine files are grouped. */
export const REASONS = ['malformed', 'invalid', 'unknown-type', 'too-large', 'time', 'undecodable-record', 'fold-failed', 'index-refused'] as const;
export type Reason = (typeof REASONS)[number];

export const LIMITS = {
  bodyBytes: 4 * 1024 * 1024,
  inflatedBytes: 32 * 1024 * 1024,
  events: 20_000,
  values: 4_000_000,
  eventBytes: 256 * 1024,
  depth: 64,
  id: 256,
  source: 512,
  subject: 1024,
  aheadMs: 86_400_000,
} as const;
