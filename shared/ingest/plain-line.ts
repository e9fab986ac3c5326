import { z } from 'zod';
import type { EventType } from '../definition/define.ts';
import { timeOptionsOf } from '../definition/time.ts';
import { canonicalMs, canonicalTime } from '../definition/times.ts';
import { zodDef } from '../definition/zod-def.ts';
import { BOOLEAN, CLOSE, COMMA, endOfValue, keyAt, keyOf, kindAt, NULL, NUMBER, OPEN, SCALAR, TEXT, valueAt, WHOLE } from './json-bytes.ts';

/** What ingest needs to know about a plain line; the line itself is stored as it came. */
export interface PlainLine {
  /** In the form of canonicalTime. */
  readonly time: { readonly text: string; readonly ms: number };
  readonly subject: string | null;
  readonly id: string | null;
}
/** Scans bytes[start, end), well-formed UTF-8. Null if the line is not plain; whether it is valid is then for the general path to decide. */
export type PlainReader = (bytes: Buffer, start: number, end: number) => PlainLine | null;

/**
 * Most events are flat objects of known fields, written as JSON.stringify writes them. Such a line is validated byte by byte,
 * in one pass, and stored unchanged; creating its objects, validating those and serializing them again takes ten times as
 * long. A plain line has only fields of the schema, each once, without white space, escapes or numbers in another form, and
 * the schema accepts each value unchanged. So a scanner never accepts what the schema would refuse or change.
 * @returns null for a schema whose fields cannot all be checked independently.
 */
export const plainReader = ({ schema, options }: EventType): PlainReader | null => {
  const fields = plainFields(schema);
  if (fields === null) return null;
  const keys = fields.map(({ name }) => keyOf(name));
  const required = fields.filter(({ isRequired }) => isRequired).length;
  const [timeAt, subjectAt, idAt] = [options.time, options.subject, options.id].map((name) => fields.findIndex((field) => field.name === name));
  /** By field, the call that met it last: a repeated name is detected without clearing anything. */
  const metBy = new Float64Array(fields.length);
  let call = 0;
  return (bytes, start, end) => {
    call++;
    let missing = required;
    let time: PlainLine['time'] | null = null;
    let subject: string | null = null;
    let id: string | null = null;
    if (bytes[start] !== OPEN) return null;
    let i = start + 1;
    for (let likely = 0; ; ) {
      const at = keyAt(keys, likely, bytes, i);
      if (at === -1 || metBy[at] === call) return null;
      const { kinds, accepts, isRequired } = fields[at] as PlainField;
      metBy[at] = call;
      likely = at + 1;
      if (isRequired) missing--;
      const from = i + (keys[at] as Uint8Array).length;
      const kind = kindAt(bytes, from);
      i = (kind & kinds) === 0 ? -1 : endOfValue(bytes, from, kind);
      if (i === -1) return null;
      if (accepts !== null || at === timeAt || at === subjectAt || at === idAt) {
        const value = valueAt(bytes, from, i, kind);
        if (accepts !== null && !accepts(value)) return null;
        if (at === timeAt) time = canonicalTime(value);
        if (at === subjectAt && typeof value === 'string') subject = value;
        if (at === idAt && typeof value === 'string') id = value;
      }
      const after = bytes[i++];
      if (after === COMMA) continue;
      return after === CLOSE && i === end && missing === 0 && time !== null ? { time, subject, id } : null;
    }
  };
};

interface PlainField {
  readonly name: string;
  /** Kinds of values that it may have. */
  readonly kinds: number;
  /** Whether a value of such a kind is accepted unchanged; null if every one is. */
  readonly accepts: ((value: unknown) => boolean) | null;
  readonly isRequired: boolean;
}

/** Null if the schema looks at more than one field at a time, or does anything with unknown names except dropping them. */
const plainFields = (schema: z.ZodType): PlainField[] | null => {
  const { type, checks = [], catchall, shape = {} } = zodDef(schema);
  if (type !== 'object' || checks.length > 0 || catchall !== undefined) return null;
  const names = Object.keys(shape);
  // Objects list names that are numbers first.
  if (names.some((name) => /^\d+$/.test(name) || name === '__proto__')) return null;
  return names.map((name) => ({ name, ...valuesOf(shape[name] as z.ZodType), isRequired: !mayBeMissing(shape, name) }));
};

/** Whether the schema accepts an event without the field, and adds nothing. */
const mayBeMissing = (shape: Readonly<Record<string, z.ZodType>>, name: string): boolean => {
  try {
    const result = z.object({ [name]: shape[name] as z.ZodType }).safeParse({});
    return result.success && Object.keys(result.data).length === 0;
  } catch {
    return false;
  }
};

/** What a field's schema accepts: plain texts, numbers and booleans by their kind alone; any other schema is called. */
const valuesOf = (schema: z.ZodType): Pick<PlainField, 'kinds' | 'accepts'> => {
  const { type, innerType, format, checks = [], coerce = false } = zodDef(schema);
  if ((type === 'optional' || type === 'nullable') && innerType !== undefined) {
    const { kinds, accepts } = valuesOf(innerType);
    // Null in an optional field means missing.
    if (accepts === null) return { kinds: kinds | NULL, accepts };
  }
  const isBare = checks.length === 0 && !coerce;
  if (isBare && type === 'string' && format === undefined) return { kinds: TEXT, accepts: null };
  if (isBare && type === 'number' && format === undefined) return { kinds: NUMBER, accepts: null };
  if (isBare && type === 'number' && format === 'safeint') return { kinds: WHOLE, accepts: null };
  if (isBare && type === 'boolean') return { kinds: BOOLEAN, accepts: null };
  return { kinds: SCALAR, accepts: isBare && (isDateTime(schema) || timeOptionsOf(schema) !== null) ? isCanonical : asker(schema) };
};

const isDateTime = (schema: z.ZodType): boolean => {
  const { format, offset, local, precision } = zodDef(schema);
  return format === 'datetime' && offset === false && local === false && precision === null;
};
const isCanonical = (value: unknown): boolean => typeof value === 'string' && canonicalMs(value) !== null;

const asker =
  (schema: z.ZodType) =>
  (value: unknown): boolean => {
    try {
      const result = schema.safeParse(value);
      return result.success && result.data === value;
    } catch {
      return false;
    }
  };
