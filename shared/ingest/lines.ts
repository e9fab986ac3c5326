import { isUtf8 } from 'node:buffer';
import { tooLarge } from '../request/problem.ts';
import { LIMITS, type Submitted, unreadableLine } from './submitted.ts';

const [NEWLINE, RETURN, OBJECT] = [0x0a, 0x0d, 0x7b];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const startOf = (bytes: Buffer): number => (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0);

/** Lines of NDJSON that are not blank; those that are not UTF-8 are unreadable. */
export const linesOf = (bytes: Buffer, type: string | null, fallbackId: (index: number) => string | null): Submitted[] => {
  const isText = isUtf8(bytes);
  const lines: Submitted[] = [];
  for (let start = startOf(bytes); start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline === -1 ? bytes.length : newline;
    const end = next > start && bytes[next - 1] === RETURN ? next - 1 : next;
    const index = lines.length;
    if (!isText && !isUtf8(bytes.subarray(start, next)))
      lines.push(unreadableLine({ index, type, fallbackId: fallbackId(index) }, bytes.subarray(start, next), 'Expected well-formed UTF-8'));
    else if (!isBlank(bytes, start, end)) lines.push({ index, type, fallbackId: fallbackId(index), bytes, start, end });
    if (lines.length > LIMITS.events) throw tooLarge(`Expected at most ${LIMITS.events} events a request, got ${lines.length}`);
    start = next + 1;
  }
  return lines;
};
const isBlank = (bytes: Buffer, start: number, end: number): boolean => bytes[start] !== OBJECT && bytes.toString('utf8', start, end).trim() === '';

/** Whether the first line that is not blank is JSON by itself, not an array, and is followed by others: then the body is lines. */
export const beginsWithLine = (bytes: Buffer): boolean => {
  for (let start = startOf(bytes); start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline === -1) return false;
    const line = bytes.toString('utf8', start, newline).trim();
    if (line !== '') return isValue(line);
    start = newline + 1;
  }
  return false;
};
const isValue = (line: string): boolean => {
  if (line.startsWith('[')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};
