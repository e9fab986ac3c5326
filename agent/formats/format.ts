import { accessLogEvent } from './access-log.ts';
import { renamed, textAt } from './json-members.ts';
import { lines, objects, rows, type Split } from './split.ts';
import { syslogEvent } from './syslog-message.ts';
import { wikipediaEdit } from './wikimedia.ts';

/** How a record of a stream becomes an event's line, without a line break. */
interface Format {
  readonly split: Split;
  /** Whether the first record names the fields. */
  readonly hasHeader: boolean;
  /** Null leaves the record out. What is unreadable is sent as it is, so that it is in quarantine. */
  readonly eventOf: (text: string, nowMs: number) => string | null;
}

const asJson = (event: Record<string, unknown> | null, text: string): string => (event === null ? text : JSON.stringify(event));
const accessLog: Format = { split: lines, hasHeader: false, eventOf: (text) => asJson(accessLogEvent(text), text) };

export const FORMATS = {
  ndjson: { split: lines, hasHeader: false, eventOf: (text) => text },
  json: { split: objects, hasHeader: false, eventOf: (text) => text },
  csv: { split: rows, hasHeader: true, eventOf: (text) => text },
  common: accessLog,
  combined: accessLog,
  syslog: { split: lines, hasHeader: false, eventOf: (text, nowMs) => JSON.stringify(syslogEvent(text, nowMs)) },
  wikimedia: {
    split: lines,
    hasHeader: false,
    eventOf: (text) => wikipediaEdit(text),
  },
} as const satisfies Record<string, Format>;
export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

export interface Shape {
  readonly format: FormatName;
  readonly type: string;
  /** By field of the event, the path of its value in the source. */
  readonly map: Readonly<Record<string, string>>;
  /** The path of the event's own id in the source, by which it is known wherever it comes from again. */
  readonly id: string | null;
}
export interface Shaper {
  /** The type of its batches: null if events carry it, since they have ids of their own. */
  readonly type: string | null;
  readonly split: Split;
  readonly hasHeader: boolean;
  /** A record as an event's line with its line break; null for none. */
  readonly lineOf: (record: Buffer) => Buffer | null;
  /** The names of CSV, by which its rows are sent. */
  readonly headerOf: (record: Buffer) => string;
}

/** Turns the records of a stream into events of a type. */
export const shaper = ({ format, type, map, id }: Shape, clock: () => number): Shaper => {
  const { split, hasHeader, eventOf }: Format = FORMATS[format];
  const hasMap = Object.keys(map).length > 0 && !hasHeader;
  const isAsRead = format === 'ndjson' && !hasMap && id === null;
  const named = new Map(Object.entries(map).map(([name, path]) => [path, name]));
  return {
    type: id === null ? type : null,
    split,
    hasHeader,
    lineOf: (record) => {
      const bytes = trimmed(record, hasHeader ? LINE_ENDS : BLANK);
      if (bytes.length === 0) return null;
      if (isAsRead) return withBreak(bytes);
      const text = format === 'json' ? objectIn(bytes.toString()) : bytes.toString();
      const event = eventOf(text, clock());
      if (event === null || event.trim() === '') return null;
      const line = hasMap ? renamed(event, map) : event;
      return Buffer.from(`${id === null ? line : cloudEvent(line, text, type, id)}\n`);
    },
    headerOf: (record) =>
      trimmed(record, BLANK)
        .toString()
        .split(',')
        .map((name) => named.get(name.trim()) ?? name)
        .join(','),
  };
};

/** Without what surrounds it in an array, on one line. */
const objectIn = (text: string): string => text.replace(/^[\s,[\]]+/, '').replace(/[\r\n]+/g, ' ');

/** Without an id it is sent as it is, which the server rejects with its reason. */
const cloudEvent = (line: string, text: string, type: string, path: string): string => {
  const found = textAt(text, path);
  if (found === null) return line;
  const id = found.startsWith('"') ? found : JSON.stringify(found);
  return `{"specversion":"1.0","id":${id},"source":${JSON.stringify(`/events/${type}`)},"type":${JSON.stringify(type)},"data":${line}}`;
};

const LINE_ENDS = new Set([0x0d, 0x0a]);
const BLANK = new Set([...LINE_ENDS, 0x20, 0x09]);
const MARK = Buffer.from('\ufeff');
/** Without white space at its ends, and without the mark that some programs begin a file with. */
const trimmed = (record: Buffer, blank: ReadonlySet<number>): Buffer => {
  let [start, end] = [record.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0, record.length];
  while (end > start && blank.has(record[end - 1] as number)) end--;
  while (start < end && blank.has(record[start] as number)) start++;
  return record.subarray(start, end);
};
const withBreak = (bytes: Buffer): Buffer => Buffer.concat([bytes, LINE_BREAK]);
const LINE_BREAK = Buffer.from('\n');
