WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  nth,
  json_format(json_extract(document, '$["test"]')) AS j0,
  json_format(json_extract(document, '$["status"]')) AS j1,
  json_format(json_extract(document, '$["price"]')) AS j2
FROM documents
), fields AS  (
SELECT time,
  nth,
  CASE j0 WHEN 'true' THEN true WHEN 'false' THEN false END AS f0,
  CASE WHEN substr(j1, 1, 1) = '"' THEN json_extract_scalar(j1, '$') END AS f1,
  CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2
FROM jsons
)
SELECT count(*) AS events, count(CASE WHEN nth > 1 THEN 1 END) AS late
FROM fields
WHERE ((NOT f0) AND (f1 IN ('placed', 'paid')) AND (f2 >= 1e-2))
