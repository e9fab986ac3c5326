WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_extract(data, ['$."coupon"', '$."shipping"', '$."price"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  id,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE WHEN abs(CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END END AS f1,
  CASE WHEN abs(CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2
FROM jsons
), counted AS MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2
FROM fields
WHERE ((f0 IS NOT NULL) AND (f1 > f2))
)
SELECT coalesce(w0, w1, w2) AS window_start,
  '[' || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "orders",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0), (w1), (w2))
