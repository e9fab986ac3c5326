WITH kept AS (
SELECT data FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT json_parse(data) AS document FROM kept
), jsons AS  (
SELECT json_format(json_extract(document, '$["countryIsoCode"]')) AS j0,
  json_format(json_extract(document, '$["added"]')) AS j1,
  json_format(json_extract(document, '$["user"]')) AS j2,
  json_format(json_extract(document, '$["isNew"]')) AS j3
FROM documents
)
SELECT count(CASE WHEN j0 <> 'null' AND CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END IS NULL THEN 1 END) AS u0,
  count(CASE WHEN j1 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j1, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j1 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_like(j1, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j1 AS BIGINT) END END IS NULL THEN 1 END) AS u1,
  count(CASE WHEN j2 <> 'null' AND CASE WHEN substr(j2, 1, 1) = '"' THEN json_extract_scalar(j2, '$') END IS NULL THEN 1 END) AS u2,
  count(CASE WHEN j3 <> 'null' AND CASE j3 WHEN 'true' THEN true WHEN 'false' THEN false END IS NULL THEN 1 END) AS u3
FROM jsons
