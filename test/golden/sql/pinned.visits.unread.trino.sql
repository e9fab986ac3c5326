WITH kept AS (
SELECT data FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT json_parse(data) AS document FROM kept
), jsons AS  (
SELECT json_format(json_extract(document, '$["country"]')) AS j0,
  json_format(json_extract(document, '$["price"]')) AS j1,
  json_format(json_extract(document, '$["load"]')) AS j2,
  json_format(json_extract(document, '$["ms"]')) AS j3,
  json_format(json_extract(document, '$["page"]')) AS j4
FROM documents
)
SELECT count(CASE WHEN j0 <> 'null' AND CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END IS NULL THEN 1 END) AS u0,
  count(CASE WHEN j1 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j1, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j1 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j1, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j1 AS DOUBLE) END END IS NULL THEN 1 END) AS u1,
  count(CASE WHEN j2 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END IS NULL THEN 1 END) AS u2,
  count(CASE WHEN j3 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END END IS NULL THEN 1 END) AS u3,
  count(CASE WHEN j4 <> 'null' AND CASE WHEN substr(j4, 1, 1) = '"' THEN json_extract_scalar(j4, '$') END IS NULL THEN 1 END) AS u4
FROM jsons
