import type { Json } from '../measures/measure.ts';
import type { Subject } from '../operators/operator.ts';
import type { Instance } from './instance.ts';
import { type PlannedField, type PlannedType, READ } from './plan.ts';

/** The event of one line at a time, in the form that folds take: its fields are read when they are asked for. Never keep it. */
export interface Cursor {
  readonly event: Subject;
  /** Goes to a line. */
  to(line: number): Subject;
}

/** What cursors read of a line. */
export interface LineReader {
  source(line: number): string;
  id(line: number): string;
  time(line: number): string;
  /** The text of a code. */
  text(code: number): string;
  /** After this, codes mean other texts. */
  forget(): void;
}

export const lineReader = ({ bytes, sources, sourceLengths, ids, idLengths, dates, clocks, texts }: Instance): LineReader => {
  const textAt = (at: number, length: number): string => bytes.toString('utf8', at, at + length);
  const word = (words: { readonly [at: number]: number }, at: number): number => words[at] as number;
  let known: string[] = [];
  return {
    source: (line) => textAt(word(sources, line), word(sourceLengths, line)),
    id: (line) => textAt(word(ids, line), word(idLengths, line)),
    time: (line) => timeText(word(dates, line), word(clocks, line)),
    text: (code) => (known[code] ??= textAt(word(texts, 2 * code), word(texts, 2 * code + 1))),
    forget: () => {
      known = [];
    },
  };
};

const timeText = (date: number, clock: number): string => {
  const [d, c] = [String(date).padStart(8, '0'), String(clock).padStart(9, '0')];
  return `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6)}T${c.slice(0, 2)}:${c.slice(2, 4)}:${c.slice(4, 6)}.${c.slice(6)}Z`;
};

export const cursorOf = (instance: Instance, { source, id, time, text }: LineReader, { type, fields }: PlannedType): Cursor => {
  let line = 0;
  const data: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const field of fields.filter(({ read }) => read !== READ.nothing)) {
    const values = instance.column(field.column);
    const of = readerOf(field, text);
    Object.defineProperty(data, field.name, { enumerable: true, get: () => of(values[line] as number) });
  }
  const event: Subject = {
    get id() {
      return id(line);
    },
    get source() {
      return source(line);
    },
    type,
    get time() {
      return time(line);
    },
    data,
  };
  return {
    event,
    to: (of) => {
      line = of;
      return event;
    },
  };
};

/** A value of a column: NaN is a missing one. */
const readerOf = ({ read }: PlannedField, text: (code: number) => string): ((value: number) => Json) => {
  if (read === READ.text) return (value) => (Number.isNaN(value) ? null : text(value));
  if (read === READ.boolean) return (value) => (Number.isNaN(value) ? null : value === 1);
  return (value) => (Number.isNaN(value) ? null : value);
};
