WITH counted AS (
SELECT time,
  id,
  substr(time, 1, 16) AS _w0,
  substr(time, 1, 13) || ':00' AS _w1,
  substr(time, 1, 10) || 'T00:00' AS _w2,
  f0 AS _d0,
  f1 AS _d1,
  f2 AS _d2,
  f3 AS _v1,
  f4 AS _v2,
  f5 AS _v3,
  f3 AS _v4,
  f6 AS _v5
FROM events AS e
WHERE NOT repeated AND nth = 1 AND NOT ((lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND lower(to_hex(md5(to_utf8(id)))) IN ('0cc175b9c0f1b6a831c399e269772661', '4f0d6f5ac7e93103d582e012ae00feed'))
  OR (lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (lower(to_hex(md5(to_utf8(source)))) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND lower(to_hex(md5(to_utf8(id)))) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000))
)
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(json_format(CAST(_d0 AS JSON)), 'null') || ',' || coalesce(CAST(_d1 AS VARCHAR), 'null') || ',' || coalesce(json_format(CAST(_d2 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "channel",
  _d1 AS "robot",
  _d2 AS "namespace",
  count(*) AS "edits",
  TRY_CAST(sum(CAST(_v1 AS DECIMAL(38,0))) AS BIGINT) AS "added",
  TRY_CAST(sum(CAST(_v2 AS DECIMAL(38,0))) AS BIGINT) AS "deleted",
  CAST(count(*) AS VARCHAR) AS "_edits",
  '"' || CAST(sum(CAST(_v1 AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "_added",
  '"' || CAST(sum(CAST(_v2 AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "_deleted",
  json_format(CAST(array_agg(DISTINCT from_base(substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 1, 3), 16) * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 4, 13)) = '' OR trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(_v3 AS VARCHAR))))), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE _v3 IS NOT NULL) AS JSON)) AS "_editors",
  '[' || json_format(CAST(histogram(CASE WHEN CAST(_v4 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(_v4 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(_v4 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(_v4 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(_v4 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END) AS JSON)) || ',' || json_format(CAST(min(_v4) AS JSON)) || ',' || json_format(CAST(max(_v4) AS JSON)) || ']' AS "_size",
  json_format(CAST(slice(array_sort(transform(map_entries(histogram(CAST(_v5 AS VARCHAR))), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, 10001) AS JSON)) AS "_pages",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(_w0, _w1, _w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0, _d1, _d2), (_w1, _d0, _d1, _d2), (_w2, _d0, _d1, _d2))
