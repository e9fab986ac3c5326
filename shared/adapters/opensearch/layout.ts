import { createHash } from 'node:crypto';
import type { Presented } from '../../ports/search-index.ts';
import type { SearchField, SearchSchema } from '../../ports/search-question.ts';
import { layoutOf, searchValue } from '../../search/schema.ts';
import { PLAIN, PROLONGED, RUN_ON_SCRIPTS } from '../../search/words.ts';

// How entities are stored in OpenSearch: index names, settings, mappings, documents.

/** A complete index is named by when it was begun; one that has only the changes since its creation, by this. */
const PARTIAL = '0';

/** An index's name describes its content: `{alias}-{identity}-{layout}-{when}`. Its alias says whether it is in use. */
export interface Names {
  readonly answering: string;
  readonly fresh: string;
  readonly partial: string;
  /** The name of a complete index that is begun now. */
  readonly whole: (when: string) => string;
  /** Whether it takes documents of this identity. */
  readonly isOfIdentity: (index: string) => boolean;
  readonly isOfLayout: (index: string) => boolean;
  readonly isPartial: (index: string) => boolean;
}

export const namesOf = (prefix: string, schema: SearchSchema): Names => {
  const { name, identity } = schema;
  const small = name.toLowerCase();
  // Names of indexes are lower case, names of aliases are not.
  const stem = `${prefix}-${small}${small === name ? '' : `.${createHash('sha256').update(name).digest('hex').slice(0, 8)}`}`;
  const index = (when: string) => `${stem}-${identity}-${layoutOf(schema)}-${when}`;
  return {
    answering: `${prefix}-${name}`,
    fresh: `${prefix}-${name}-fresh`,
    partial: index(PARTIAL),
    whole: index,
    isOfIdentity: (other) => other.startsWith(`${stem}-${identity}-`),
    isOfLayout: (other) => other.startsWith(index('')),
    isPartial: (other) => other.endsWith(`-${PARTIAL}`),
  };
};
/** An alias of one index alone: a write through it never recreates a deleted index. */
export const writesTo = (index: string): string => `${index}-writes`;

/** Scripts without spaces by character, everything else by runs of letters, digits and marks. No group is repeated, which would need a stack as deep as the text is long. */
const ALONE = `${RUN_ON_SCRIPTS.map((script) => `\\p{Is${script}}`).join('')}${PROLONGED}`;
const PATTERN = `[${ALONE}]|[\\p{L}\\p{N}\\p{M}\\p{Co}&&[^${ALONE}]]+`;
/** What asciifolding does not fold: Greek and Cyrillic. */
const MAPPINGS = [...PLAIN].filter(([letter]) => (letter >= '\u0370' && letter < '\u0530') || (letter >= '\u1f00' && letter < '\u2000'));

const ANALYSIS = {
  char_filter: { plain: { type: 'mapping', mappings: MAPPINGS.map(([letter, plain]) => `${letter} => ${plain}`) } },
  tokenizer: { words: { type: 'pattern', pattern: PATTERN, group: 0 } },
  filter: {
    unmarked: { type: 'pattern_replace', pattern: '[\\u0300-\\u036f]', replacement: '' },
    // A term longer than Lucene's limit would make it refuse the whole document.
    shortened: { type: 'truncate', length: 1_000 },
    some: { type: 'length', min: 1 },
  },
  analyzer: { words: { type: 'custom', char_filter: ['plain'], tokenizer: 'words', filter: ['lowercase', 'asciifolding', 'unmarked', 'shortened', 'some'] } },
} as const;

const mappingOf = ({ kind, searched }: SearchField): object => {
  switch (kind) {
    case 'text':
      // Lucene's longest term has 32,766 bytes.
      return { type: 'text', analyzer: 'words', index: searched, fields: { keyword: { type: 'keyword', ignore_above: 8_191 } } };
    case 'date':
      // As a number it can be used for ordering and for cursors like any other.
      return { type: 'date', format: 'epoch_millis', fields: { number: { type: 'double' } } };
    // A long ends at 2^63; a double holds any number of JSON.
    case 'number':
      return { type: 'double' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return { type: 'object', enabled: false };
  }
};

export const pathOf = (field: SearchField, use: 'words' | 'value'): string => {
  const path = `fields.${field.name}`;
  if (use === 'words') return path;
  return field.kind === 'text' ? `${path}.keyword` : field.kind === 'date' ? `${path}.number` : path;
};

export const bodyOf = ({ fields }: SearchSchema, aliases: readonly string[], isServerless: boolean): Record<string, unknown> => ({
  settings: { analysis: ANALYSIS, ...(isServerless ? {} : { index: { number_of_shards: 1, auto_expand_replicas: '0-1' } }) },
  mappings: {
    dynamic: false,
    properties: {
      key: { type: 'keyword' },
      alive: { type: 'boolean' },
      entity: { type: 'object', enabled: false },
      fields: {
        type: 'object',
        dynamic: false,
        properties: Object.fromEntries(fields.filter(({ kind }) => kind !== 'stored').map((field) => [field.name, mappingOf(field)])),
      },
    },
  },
  aliases: Object.fromEntries(aliases.map((alias) => [alias, {}])),
});

/** A document's id. OpenSearch takes at most 512 bytes, and a key may be longer. */
export const idOf = (key: string): string => createHash('sha256').update(key).digest('base64url');
/** A deleted entity leaves an empty document: OpenSearch forgets a deletion's version after a minute (`index.gc_deletes`). */
export const sourceOf = ({ fields }: SearchSchema, key: string, entity: Presented | null): Record<string, unknown> =>
  entity === null
    ? { key, alive: false }
    : {
        key,
        alive: true,
        entity,
        fields: Object.fromEntries(fields.filter(({ kind }) => kind !== 'stored').map(({ name, kind }) => [name, searchValue(kind, entity[name])])),
      };
