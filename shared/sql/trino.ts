import { type Dialect, quoteText } from './dialect.ts';

/** Trino and Athena engine v3, which is an older Trino. References: trino.io/docs, functions; the Athena user guide. */
export const trino: Dialect = {
  name: 'trino',
  big: 'DECIMAL(38,0)',
  json: (value) => `json_format(CAST(${value} AS JSON))`,
  md5: (text) => `lower(to_hex(md5(to_utf8(${text}))))`,
  fromHex: (text) => `from_base(${text}, 16)`,
  distinct: (code, value) => `array_agg(DISTINCT ${code}) FILTER (WHERE ${value} IS NOT NULL)`,
  topCounts: (text, n) => `slice(array_sort(transform(map_entries(histogram(${text})), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, ${n})`,
  placed: (fn, value, type) => `${fn}(CAST(ROW(time, id, ${value}) AS ROW(t VARCHAR, id VARCHAR, v ${type}))) FILTER (WHERE ${value} IS NOT NULL)`,
  matches: (text, regex) => `regexp_like(${text}, ${quoteText(`\\A(?:${regex})\\z`)})`,
  finds: (text, regex) => `regexp_like(${text}, ${quoteText(regex)})`,
  trim: (text, characters) => `trim(BOTH ${quoteText(characters)} FROM ${text})`,
  part: (text, separator, place) => `split_part(${text}, ${separator}, ${place})`,
  secondGroup: (text, regex) => `regexp_extract(${text}, ${quoteText(`\\A${regex}`)}, 2)`,
  weekday: (date) => `day_of_week(${date})`,
  document: (json) => `json_parse(${json})`,
  at: (document, paths, index) => `json_format(json_extract(${document}, ${quoteText(`$${(paths[index] ?? []).map((name) => `["${name}"]`).join('')}`)}))`,
  unquote: (json) => `json_extract_scalar(${json}, '$')`,
  wellFormed: (line) => `from_utf8(to_utf8(${line})) = ${line} AND TRY(json_parse(${line})) IS NOT NULL`,
  materialized: '',
};
