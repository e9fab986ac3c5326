WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth,
  json_extract(data, ['$."coupon"', '$."shipping"', '$."price"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  nth,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  nth,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE WHEN abs(CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END END AS f1,
  CASE WHEN abs(CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2
FROM jsons
)
SELECT count(*) AS events, count(CASE WHEN nth > 1 THEN 1 END) AS late
FROM fields
WHERE ((f0 IS NOT NULL) AND (f1 > f2))
