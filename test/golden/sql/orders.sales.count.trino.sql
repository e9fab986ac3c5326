WITH kept AS (
SELECT *, false AS excluded, false AS skipped FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth,
  excluded,
  skipped,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  nth,
  excluded,
  skipped,
  json_format(json_extract(document, '$["test"]')) AS j0,
  json_format(json_extract(document, '$["status"]')) AS j1,
  json_format(json_extract(document, '$["price"]')) AS j2
FROM documents
), fields AS  (
SELECT time,
  nth,
  excluded,
  skipped,
  CASE j0 WHEN 'true' THEN true WHEN 'false' THEN false END AS f0,
  CASE WHEN substr(j1, 1, 1) = '"' THEN json_extract_scalar(j1, '$') END AS f1,
  CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2
FROM jsons
)
SELECT count(CASE WHEN NOT skipped THEN 1 END) AS events,
  count(CASE WHEN NOT skipped AND nth > 1 THEN 1 END) AS late,
  count(CASE WHEN NOT skipped AND nth = 1 AND excluded THEN 1 END) AS excluded,
  count(CASE WHEN skipped AND nth = 1 AND NOT excluded THEN 1 END) AS restored
FROM fields
WHERE ((NOT f0) AND (f1 IN ('placed', 'paid')) AND (f2 >= 1e-2))
