WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  id,
  json_format(json_extract(document, '$["country"]')) AS j0,
  json_format(json_extract(document, '$["price"]')) AS j1,
  json_format(json_extract(document, '$["load"]')) AS j2,
  json_format(json_extract(document, '$["ms"]')) AS j3,
  json_format(json_extract(document, '$["page"]')) AS j4
FROM documents
), fields AS  (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END AS f0,
  CASE WHEN abs(CASE WHEN regexp_like(j1, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j1 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j1, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j1 AS DOUBLE) END END AS f1,
  CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2,
  CASE WHEN abs(CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END END AS f3,
  CASE WHEN substr(j4, 1, 1) = '"' THEN json_extract_scalar(j4, '$') END AS f4
FROM jsons
), counted AS  (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2,
  f0 AS d0,
  f1 AS v1,
  f2 AS v2,
  f3 AS v3,
  f3 AS v4,
  f3 AS v5,
  f4 AS v6,
  f3 AS v7,
  f4 AS v8,
  f4 AS v9,
  f4 AS v10
FROM fields
)
SELECT coalesce(w0, w1, w2) AS window_start,
  '[' || coalesce(json_format(CAST(d0 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "visits",
  CASE WHEN count(v1) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CASE WHEN abs(v1) <= 2.251799813685248e13 THEN CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) END AS DECIMAL(38,0))) AS VARCHAR) || '"', 'null') || ',' || CAST(count(v1) - count(CASE WHEN abs(v1) <= 2.251799813685248e13 THEN CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) END) AS VARCHAR) || ']' END AS "spent",
  CASE WHEN count(v2) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CAST(floor((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS DECIMAL(38,0))) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) - floor((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS DECIMAL(38,0))) AS VARCHAR) || '"', 'null') || ',' || CAST(count(v2) - count(CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) AS VARCHAR) || ']' END AS "loads",
  json_format(CAST(min(v3) AS JSON)) AS "fastest",
  json_format(CAST(max(v4) AS JSON)) AS "slowest",
  '[' || CAST(count(v5) AS VARCHAR) || ',"' || coalesce(CAST(sum(CAST(v5 AS DECIMAL(38,0))) AS VARCHAR), '0') || '"]' AS "usual",
  json_format(CAST(array_agg(DISTINCT from_base(substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 1, 3), 16) * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 4, 13)) = '' OR trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v6 AS VARCHAR))))), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v6 IS NOT NULL) AS JSON)) AS "pages",
  '[' || json_format(CAST(histogram(CASE WHEN CAST(v7 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(v7 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(v7 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(v7 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(v7 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END) AS JSON)) || ',' || json_format(CAST(min(v7) AS JSON)) || ',' || json_format(CAST(max(v7) AS JSON)) || ']' AS "times",
  json_format(CAST(slice(array_sort(transform(map_entries(histogram(CAST(v8 AS VARCHAR))), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, 10001) AS JSON)) AS "favourites",
  json_format(CAST(max(CAST(ROW(time, id, v9) AS ROW(t VARCHAR, id VARCHAR, v VARCHAR))) FILTER (WHERE v9 IS NOT NULL) AS JSON)) AS "last",
  json_format(CAST(min(CAST(ROW(time, id, v10) AS ROW(t VARCHAR, id VARCHAR, v VARCHAR))) FILTER (WHERE v10 IS NOT NULL) AS JSON)) AS "entry",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0), (w1, d0), (w2, d0))
