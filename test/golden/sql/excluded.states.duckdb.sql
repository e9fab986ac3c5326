WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1 AND NOT ((md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('0cc175b9c0f1b6a831c399e269772661', '4f0d6f5ac7e93103d582e012ae00feed'))
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000))
), documents AS (
SELECT time,
  id,
  json_extract(data, ['$."channel"', '$."isRobot"', '$."namespace"', '$."added"', '$."deleted"', '$."user"', '$."page"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  id,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3,
  document[5]::VARCHAR AS j4,
  document[6]::VARCHAR AS j5,
  document[7]::VARCHAR AS j6
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE j1 WHEN 'true' THEN true WHEN 'false' THEN false END AS f1,
  CASE WHEN substr(j2, 1, 1) = '"' THEN (j2)::JSON ->> '$' END AS f2,
  CASE WHEN abs(CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END END AS f3,
  CASE WHEN abs(CASE WHEN regexp_full_match(j4, '-?[0-9]{1,16}') THEN CAST(j4 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j4, '-?[0-9]{1,16}') THEN CAST(j4 AS BIGINT) END END AS f4,
  CASE WHEN substr(j5, 1, 1) = '"' THEN (j5)::JSON ->> '$' END AS f5,
  CASE WHEN substr(j6, 1, 1) = '"' THEN (j6)::JSON ->> '$' END AS f6
FROM jsons
), counted AS MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2,
  f0 AS d0,
  f1 AS d1,
  f2 AS d2,
  f3 AS v1,
  f4 AS v2,
  f5 AS v3,
  f3 AS v4,
  f6 AS v5
FROM fields
)
SELECT coalesce(w0, w1, w2) AS window_start,
  '[' || coalesce(to_json(d0)::VARCHAR, 'null') || ',' || coalesce(CAST(d1 AS VARCHAR), 'null') || ',' || coalesce(to_json(d2)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "edits",
  '"' || CAST(sum(CAST(v1 AS HUGEINT)) AS VARCHAR) || '"' AS "added",
  '"' || CAST(sum(CAST(v2 AS HUGEINT)) AS VARCHAR) || '"' AS "deleted",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(v3 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(v3 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(v3 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(v3 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(v3 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(v3 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v3 IS NOT NULL))::VARCHAR AS "editors",
  '[' || to_json(histogram(CASE WHEN CAST(v4 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(v4 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(v4 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(v4 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(v4 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END))::VARCHAR || ',' || to_json(min(v4))::VARCHAR || ',' || to_json(max(v4))::VARCHAR || ']' AS "size",
  to_json(list_sort(list_transform(map_entries(histogram(CAST(v5 AS VARCHAR))), lambda e: {'n': -(e.value::BIGINT), 'v': e.key}))[1:10001])::VARCHAR AS "pages",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0, d1, d2), (w1, d0, d1, d2), (w2, d0, d1, d2))
