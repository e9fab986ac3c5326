WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_extract(data, ['$."country"', '$."price"', '$."load"', '$."ms"', '$."page"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  id,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3,
  document[5]::VARCHAR AS j4
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE WHEN abs(CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j1 AS DOUBLE) END END AS f1,
  CASE WHEN abs(CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2,
  CASE WHEN abs(CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END END AS f3,
  CASE WHEN substr(j4, 1, 1) = '"' THEN (j4)::JSON ->> '$' END AS f4
FROM jsons
), counted AS MATERIALIZED (
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
  '[' || coalesce(to_json(d0)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "visits",
  CASE WHEN count(v1) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CASE WHEN abs(v1) <= 2.251799813685248e13 THEN CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) END AS HUGEINT)) AS VARCHAR) || '"', 'null') || ',' || CAST(count(v1) - count(CASE WHEN abs(v1) <= 2.251799813685248e13 THEN CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) END) AS VARCHAR) || ']' END AS "spent",
  CASE WHEN count(v2) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CAST(floor((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS HUGEINT)) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) - floor((CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS HUGEINT)) AS VARCHAR) || '"', 'null') || ',' || CAST(count(v2) - count(CASE WHEN abs(v2) < 9007199254740992e0 THEN floor(v2 * 1000000e0 + 0.5e0) END) AS VARCHAR) || ']' END AS "loads",
  to_json(min(v3))::VARCHAR AS "fastest",
  to_json(max(v4))::VARCHAR AS "slowest",
  '[' || CAST(count(v5) AS VARCHAR) || ',"' || coalesce(CAST(sum(CAST(v5 AS HUGEINT)) AS VARCHAR), '0') || '"]' AS "usual",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(v6 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(v6 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(v6 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(v6 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(v6 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(v6 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v6 IS NOT NULL))::VARCHAR AS "pages",
  '[' || to_json(histogram(CASE WHEN CAST(v7 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(v7 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(v7 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(v7 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(v7 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END))::VARCHAR || ',' || to_json(min(v7))::VARCHAR || ',' || to_json(max(v7))::VARCHAR || ']' AS "times",
  to_json(list_sort(list_transform(map_entries(histogram(CAST(v8 AS VARCHAR))), lambda e: {'n': -(e.value::BIGINT), 'v': e.key}))[1:10001])::VARCHAR AS "favourites",
  to_json(max({'t': time, 'id': id, 'v': v9}) FILTER (WHERE v9 IS NOT NULL))::VARCHAR AS "last",
  to_json(min({'t': time, 'id': id, 'v': v10}) FILTER (WHERE v10 IS NOT NULL))::VARCHAR AS "entry",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0), (w1, d0), (w2, d0))
