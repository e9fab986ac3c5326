WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1 AND NOT ((lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND lower(to_hex(md5(to_utf8(id)))) IN ('0cc175b9c0f1b6a831c399e269772661', '4f0d6f5ac7e93103d582e012ae00feed'))
  OR (lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND lower(to_hex(md5(to_utf8(id)))) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000))
), documents AS (
SELECT time,
  id,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  id,
  json_format(json_extract(document, '$["channel"]')) AS j0,
  json_format(json_extract(document, '$["isRobot"]')) AS j1,
  json_format(json_extract(document, '$["namespace"]')) AS j2,
  json_format(json_extract(document, '$["added"]')) AS j3,
  json_format(json_extract(document, '$["deleted"]')) AS j4,
  json_format(json_extract(document, '$["user"]')) AS j5,
  json_format(json_extract(document, '$["page"]')) AS j6
FROM documents
), fields AS  (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END AS f0,
  CASE j1 WHEN 'true' THEN true WHEN 'false' THEN false END AS f1,
  CASE WHEN substr(j2, 1, 1) = '"' THEN json_extract_scalar(j2, '$') END AS f2,
  CASE WHEN abs(CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_like(j3, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j3 AS BIGINT) END END AS f3,
  CASE WHEN abs(CASE WHEN regexp_like(j4, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j4 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_like(j4, '\A(?:-?[0-9]{1,16})\z') THEN CAST(j4 AS BIGINT) END END AS f4,
  CASE WHEN substr(j5, 1, 1) = '"' THEN json_extract_scalar(j5, '$') END AS f5,
  CASE WHEN substr(j6, 1, 1) = '"' THEN json_extract_scalar(j6, '$') END AS f6
FROM jsons
), counted AS  (
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
  '[' || coalesce(json_format(CAST(d0 AS JSON)), 'null') || ',' || coalesce(CAST(d1 AS VARCHAR), 'null') || ',' || coalesce(json_format(CAST(d2 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "edits",
  '"' || CAST(sum(CAST(v1 AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "added",
  '"' || CAST(sum(CAST(v2 AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "deleted",
  json_format(CAST(array_agg(DISTINCT from_base(substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 1, 3), 16) * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 4, 13)) = '' OR trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v3 AS VARCHAR))))), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v3 IS NOT NULL) AS JSON)) AS "editors",
  '[' || json_format(CAST(histogram(CASE WHEN CAST(v4 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(v4 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(v4 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(v4 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(v4 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END) AS JSON)) || ',' || json_format(CAST(min(v4) AS JSON)) || ',' || json_format(CAST(max(v4) AS JSON)) || ']' AS "size",
  json_format(CAST(slice(array_sort(transform(map_entries(histogram(CAST(v5 AS VARCHAR))), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, 10001) AS JSON)) AS "pages",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0, d1, d2), (w1, d0, d1, d2), (w2, d0, d1, d2))
