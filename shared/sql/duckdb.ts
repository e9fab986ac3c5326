import { type Dialect, quoteText } from './dialect.ts';

/** DuckDB 1.5. References: duckdb.org/docs, functions and aggregates. */
export const duckdb: Dialect = {
  name: 'duckdb',
  big: 'HUGEINT',
  json: (value) => `to_json(${value})::VARCHAR`,
  md5: (text) => `md5(${text})`,
  fromHex: (text) => `('0x' || ${text})::INTEGER`,
  utf8: (hex) => `decode(unhex('${hex}'))`,
  distinct: (code, value) => `list(DISTINCT ${code}) FILTER (WHERE ${value} IS NOT NULL)`,
  // histogram() holds its counts outside of the memory that the engine accounts for.
  counted: '_n',
  topCounts: (text, n) => `list_sort(list({'n': -_n, 'v': ${text}}))[1:${n}]`,
  topTotals: (value, total, n) =>
    `list_transform(list_sort(list({'k': -abs(${total}), 'v': ${value}, 't': ${total}::VARCHAR}) FILTER (WHERE ${total} IS NOT NULL))[1:${n}], lambda e: {'v': e.v, 't': e.t})`,
  placed: (fn, value) => `${fn}({'t': time, 'id': id, 'v': ${value}}) FILTER (WHERE ${value} IS NOT NULL)`,
  matches: (text, regex) => `regexp_full_match(${text}, ${quoteText(regex)})`,
  finds: (text, regex) => `regexp_matches(${text}, ${quoteText(regex)})`,
  trim: (text, characters) => `trim(${text}, ${quoteText(characters)})`,
  part: (text, separator, place) => `string_split(${text}, ${separator})[${place}]`,
  secondGroup: (text, regex) => `nullif(regexp_extract(${text}, ${quoteText(`\\A${regex}`)}, 2), '')`,
  weekday: (date) => `isodow(${date})`,
  raw: (lines) => `SELECT epoch::VARCHAR AS epoch, shard::VARCHAR AS shard, seq::VARCHAR AS seq, line::VARCHAR AS line,
  event.source::VARCHAR AS source, event.id::VARCHAR AS id, event.type::VARCHAR AS type, event.time::VARCHAR AS time, event.subject::VARCHAR AS subject, event.data AS data
FROM ${lines}`,
  parsed: (text) => `${text}::JSON`,
  text: (json) => `${json}::VARCHAR`,
  document: (json, paths) => `json_extract(${json}, [${paths.map((path) => quoteText(`$${path.map((name) => `."${name}"`).join('')}`)).join(', ')}])`,
  at: (document, _, index) => `${document}[${index + 1}]::VARCHAR`,
  each: (relation, array) => `SELECT *, unnest(json_extract(${array}, '$[*]')) AS item FROM ${relation} AS r`,
  unquote: (json) => `(${json})::JSON ->> '$'`,
  hasEscapes: (json) => `contains(${json}, '\\')`,
  bucket: (text, n) => `hash(${text}) % ${n}`,
  // NOT EXISTS would hold all rows of the relation.
  without: (relation, others, isSame, condition) => `FROM ${relation} AS p ANTI JOIN ${others} AS r ON (${isSame})\n  WHERE ${condition}`,
  materialized: 'MATERIALIZED',
  streamed: 'NOT MATERIALIZED',
};
