import { type Dialect, quoteText } from './dialect.ts';

/** Trino and Athena engine v3, which is an older Trino. References: trino.io/docs, functions; the Athena user guide. */
export const trino: Dialect = {
  name: 'trino',
  big: 'DECIMAL(38,0)',
  json: (value) => `json_format(CAST(${value} AS JSON))`,
  md5: (text) => `lower(to_hex(md5(to_utf8(${text}))))`,
  fromHex: (text) => `from_base(${text}, 16)`,
  utf8: (hex) => `from_utf8(from_hex('${hex}'))`,
  distinct: (code, value) => `array_agg(DISTINCT ${code}) FILTER (WHERE ${value} IS NOT NULL)`,
  counted: null,
  topCounts: (text, n) => `slice(array_sort(transform(map_entries(histogram(${text})), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, ${n})`,
  topTotals: (value, total, n) =>
    `transform(slice(array_sort(array_agg(CAST(ROW(-abs(${total}), ${value}, CAST(${total} AS VARCHAR)) AS ROW(k DECIMAL(38,0), v VARCHAR, t VARCHAR))) FILTER (WHERE ${total} IS NOT NULL)), 1, ${n}), e -> CAST(ROW(e.v, e.t) AS ROW(v VARCHAR, t VARCHAR)))`,
  placed: (fn, value, type) => `${fn}(CAST(ROW(time, id, ${value}) AS ROW(t VARCHAR, id VARCHAR, v ${type}))) FILTER (WHERE ${value} IS NOT NULL)`,
  matches: (text, regex) => `regexp_like(${text}, ${quoteText(`\\A(?:${regex})\\z`)})`,
  finds: (text, regex) => `regexp_like(${text}, ${quoteText(regex)})`,
  trim: (text, characters) => `trim(BOTH ${quoteText(characters)} FROM ${text})`,
  part: (text, separator, place) => `split_part(${text}, ${separator}, ${place})`,
  secondGroup: (text, regex) => `regexp_extract(${text}, ${quoteText(`\\A${regex}`)}, 2)`,
  weekday: (date) => `day_of_week(${date})`,
  // A line that is not well-formed UTF-8 is damaged.
  raw: (lines) => `SELECT ${['epoch', 'shard', 'seq', 'line'].map((name) => `json_format(element_at(record, '${name}')) AS ${name}`).join(', ')},
  ${['source', 'id', 'type', 'time', 'subject'].map((name) => `json_format(element_at(event, '${name}')) AS ${name}`).join(', ')}, element_at(event, 'data') AS data
FROM (
  SELECT record, TRY(CAST(element_at(record, 'event') AS MAP(VARCHAR, JSON))) AS event FROM (
    SELECT CASE WHEN from_utf8(to_utf8(line)) = line THEN TRY(CAST(json_parse(line) AS MAP(VARCHAR, JSON))) END AS record FROM ${lines}
  )
)`,
  parsed: (text) => `json_parse(${text})`,
  text: (json) => `json_format(${json})`,
  document: (json) => `TRY(CAST(${json} AS MAP(VARCHAR, JSON)))`,
  at: (document, paths, index) => {
    const [name = '', ...inner] = paths[index] ?? [];
    const value = `element_at(${document}, ${quoteText(name)})`;
    return `json_format(${inner.length === 0 ? value : `json_extract(${value}, ${quoteText(`$${inner.map((one) => `["${one}"]`).join('')}`)})`})`;
  },
  each: (relation, array) => `SELECT r.*, u.item FROM ${relation} AS r CROSS JOIN UNNEST(CAST(json_parse(${array}) AS ARRAY(JSON))) AS u (item)`,
  unquote: (json) => `json_extract_scalar(${json}, '$')`,
  hasEscapes: (json) => `strpos(${json}, '\\') > 0`,
  bucket: (text, n) => `abs(mod(from_big_endian_64(xxhash64(to_utf8(${text}))), ${n}))`,
  without: (relation, others, isSame, condition) => `FROM ${relation} AS p WHERE ${condition}\n  AND NOT EXISTS (SELECT 1 FROM ${others} AS r WHERE ${isSame})`,
  materialized: '',
  streamed: '',
};
