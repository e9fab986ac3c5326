import { randomUUID } from 'node:crypto';
import type { Found, Presented } from '../../ports/search-index.ts';
import type { Filter, Question, SearchSchema, Term } from '../../ports/search-question.ts';
import { markUp } from '../../search/highlight.ts';
import { pathOf } from './layout.ts';

type Query = Record<string, unknown>;

/** Fields that hold a term's words: each whole, or with one or two wrong letters; the last one perhaps as a prefix. Words are only used in match queries, which have no syntax. */
const termQuery = ({ words, prefix }: Term, fields: readonly string[]): Query => {
  const query = words.join(' ');
  if (words.length > 1) return { multi_match: { query, fields, type: 'phrase' } };
  return anyOf([
    { multi_match: { query, fields } },
    { multi_match: { query, fields, fuzziness: 'AUTO', prefix_length: 1, boost: 0.3 } },
    ...(prefix ? [{ multi_match: { query, fields, type: 'bool_prefix', boost: 0.5 } }] : []),
  ]);
};
const anyOf = (should: readonly Query[]): Query => ({ bool: { should, minimum_should_match: 1 } });

const filterQuery = ({ field, values, ranges }: Filter): Query => {
  const path = pathOf(field, 'value');
  return anyOf([
    ...(values.length === 0 ? [] : [{ terms: { [path]: values } }]),
    ...ranges.map(({ from, to }) => ({ range: { [path]: { ...(from === null ? {} : { gte: from }), ...(to === null ? {} : { lt: to }) } } })),
  ]);
};

/** A missing value sorts as an infinity when the field is a double. */
const LAST = { ascending: 'Infinity', descending: '-Infinity' } as const;

/** The body of a search, and how to read its response. A query has at least one searchable term, or none at all. */
export const searchOf = (schema: SearchSchema, { terms, filters, order, limit, after }: Question) => {
  const searched = schema.fields.filter((field) => field.searched);
  const marks = randomUUID();
  // Not control characters: it trims texts, and they count as spaces.
  const [open, close] = [`<${marks}>`, `</${marks}>`];
  const fields = searched.map((field) => pathOf(field, 'words'));
  const value = (): Query => {
    if (order.by !== 'field') return { _score: { order: 'desc' } };
    return { [pathOf(order.field, 'value')]: { order: order.descending ? 'desc' : 'asc', missing: '_last', unmapped_type: 'double' } };
  };
  const missing = order.by === 'field' && order.descending ? LAST.descending : LAST.ascending;
  const place = after === null ? null : order.by === 'key' ? [after.key] : [after.value ?? missing, after.key];
  const body = {
    size: limit + 1,
    track_total_hits: true,
    _source: ['key', 'entity'],
    query: { bool: { filter: [{ term: { alive: true } }, ...filters.map(filterQuery)], must: (terms ?? []).map((term) => termQuery(term, fields)) } },
    sort: [...(order.by === 'key' ? [] : [value()]), { key: { order: 'asc' } }],
    ...(place === null ? {} : { search_after: place }),
    ...(terms === null || fields.length === 0
      ? {}
      : { highlight: { number_of_fragments: 0, pre_tags: [open], post_tags: [close], fields: Object.fromEntries(fields.map((field) => [field, {}])) } }),
  };
  const highlightsOf = (found: Readonly<Record<string, readonly string[]>> | undefined) =>
    Object.fromEntries(
      searched.flatMap((field) => {
        const text = found?.[pathOf(field, 'words')]?.[0];
        return text === undefined ? [] : [[field.name, marked(text, open, close)] as const];
      }),
    );
  const read = ({ hits: { total, hits } }: SearchBody): Found => {
    const page = hits.slice(0, limit);
    const last = page.at(-1);
    const [first] = last?.sort ?? [];
    return {
      total: total.value,
      hits: page.map(({ _source, _score, highlight }) => ({
        key: _source.key,
        score: order.by === 'relevance' ? _score : null,
        entity: _source.entity,
        highlights: highlightsOf(highlight),
      })),
      next: hits.length > limit && last !== undefined ? { value: order.by !== 'key' && typeof first === 'number' ? first : null, key: last._source.key } : null,
    };
  };
  return { body, read };
};

/** The parts of OpenSearch's response that are read. */
export interface SearchBody {
  readonly timed_out: boolean;
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly {
      readonly _source: { readonly key: string; readonly entity: Presented };
      readonly _score: number | null;
      readonly sort?: readonly (number | string | null)[];
      readonly highlight?: Readonly<Record<string, readonly string[]>>;
    }[];
  };
}

const marked = (text: string, open: string, close: string): string => {
  const parts: [number, number][] = [];
  let plain = '';
  for (const piece of text.split(open)) {
    const [inside, ...outside] = piece.split(close);
    if (outside.length > 0) parts.push([plain.length, plain.length + (inside ?? '').length]);
    plain += piece.replaceAll(close, '');
  }
  return markUp(plain, parts);
};
