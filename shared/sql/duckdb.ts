import { type Dialect, quoteText } from './dialect.ts';

/** DuckDB 1.5. References: duckdb.org/docs, functions and aggregates. */
export const duckdb: Dialect = {
  name: 'duckdb',
  big: 'HUGEINT',
  json: (value) => `to_json(${value})::VARCHAR`,
  md5: (text) => `md5(${text})`,
  fromHex: (text) => `('0x' || ${text})::INTEGER`,
  distinct: (code, value) => `list(DISTINCT ${code}) FILTER (WHERE ${value} IS NOT NULL)`,
  topCounts: (text, n) => `list_sort(list_transform(map_entries(histogram(${text})), lambda e: {'n': -(e.value::BIGINT), 'v': e.key}))[1:${n}]`,
  placed: (fn, value) => `${fn}({'t': time, 'id': id, 'v': ${value}}) FILTER (WHERE ${value} IS NOT NULL)`,
  matches: (text, regex) => `regexp_full_match(${text}, ${quoteText(regex)})`,
  finds: (text, regex) => `regexp_matches(${text}, ${quoteText(regex)})`,
  trim: (text, characters) => `trim(${text}, ${quoteText(characters)})`,
  part: (text, separator, place) => `string_split(${text}, ${separator})[${place}]`,
  secondGroup: (text, regex) => `nullif(regexp_extract(${text}, ${quoteText(`\\A${regex}`)}, 2), '')`,
  weekday: (date) => `isodow(${date})`,
  document: (json, paths) => `json_extract(${json}, [${paths.map((path) => quoteText(`$${path.map((name) => `."${name}"`).join('')}`)).join(', ')}])`,
  at: (document, _, index) => `${document}[${index + 1}]::VARCHAR`,
  unquote: (json) => `(${json})::JSON ->> '$'`,
  // read_json_objects has already turned malformed lines into NULL.
  wellFormed: (line) => `${line} IS NOT NULL`,
  materialized: 'MATERIALIZED',
};
