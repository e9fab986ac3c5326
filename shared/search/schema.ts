import { createHash } from 'node:crypto';
import type { NamedEntity } from '../definition/define.ts';
import type { MeasureDefinition } from '../definition/definition.ts';
import { parseTime } from '../definition/times.ts';
import type { Json } from '../measures/measure.ts';
import type { SearchKind, SearchSchema } from '../ports/search-question.ts';
import { composed } from './words.ts';

export const schemaOf = ({ name, hash, definition }: NamedEntity): SearchSchema => ({
  name,
  identity: hash,
  fields: definition.fields.map((field) => ({ name: field.name, kind: kindOf(field), searched: definition.search.includes(field.name) })),
});

/** Measures whose answer is one of the values given to them. */
const OF_VALUES = ['latest', 'first', 'min', 'max'];
const LISTS = ['quantiles', 'top'];
const kindOf = ({ measure, of }: MeasureDefinition): SearchKind => {
  if (LISTS.includes(measure)) return 'stored';
  if (of === null || !OF_VALUES.includes(measure)) return 'number';
  // Only the event's own time is certainly a time, in one form.
  if (of.op === 'time') return 'date';
  if (of.kind === 'text' || of.kind === 'boolean') return of.kind;
  return of.kind === 'integer' || of.kind === 'decimal' || of.kind === 'float' ? 'number' : 'stored';
};

/** Raised when the layout of indexes changes. */
const LAYOUT = 1;
/** Identifies the layout of a schema's index: 8 hexadecimal digits. */
export const layoutOf = ({ fields }: SearchSchema): string =>
  createHash('sha256')
    .update(JSON.stringify([LAYOUT, fields.map(({ name, kind, searched }) => [name, kind, searched])]))
    .digest('hex')
    .slice(0, 8);

export type SearchValue = string | number | boolean | null;

/** The indexed form of a presented value; null if it is not of the field's kind. A number past DynamoDB's range comes as text. */
export const searchValue = (kind: SearchKind, value: Json | undefined): SearchValue => {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? composed(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'number': {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : null;
    }
    case 'date':
      return typeof value === 'string' ? parseTime(value) : null;
    default:
      return null;
  }
};
