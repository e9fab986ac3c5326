WITH counted AS NOT MATERIALIZED (
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
WHERE NOT repeated AND nth = 1 AND NOT ((md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('0cc175b9c0f1b6a831c399e269772661', '4f0d6f5ac7e93103d582e012ae00feed'))
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000))
), totals5 AS (
SELECT _w0,
  _w1,
  _w2,
  _d0,
  _d1,
  _d2,
  _v5,
  count(*) AS _n
FROM counted
WHERE _v5 IS NOT NULL
GROUP BY GROUPING SETS ((_w0, _d0, _d1, _d2, _v5), (_w1, _d0, _d1, _d2, _v5), (_w2, _d0, _d1, _d2, _v5))
), ranked5 AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ',' || coalesce(CAST(_d1 AS VARCHAR), 'null') || ',' || coalesce(to_json(_d2)::VARCHAR, 'null') || ']' AS group_key,
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  to_json(list_sort(list({'n': -_n, 'v': CAST(_v5 AS VARCHAR)}))[1:10001])::VARCHAR AS state
FROM totals5
GROUP BY _w0, _w1, _w2, _d0, _d1, _d2
), states AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ',' || coalesce(CAST(_d1 AS VARCHAR), 'null') || ',' || coalesce(to_json(_d2)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "channel",
  _d1 AS "robot",
  _d2 AS "namespace",
  count(*) AS "edits",
  TRY_CAST(sum(CAST(_v1 AS HUGEINT)) AS BIGINT) AS "added",
  TRY_CAST(sum(CAST(_v2 AS HUGEINT)) AS BIGINT) AS "deleted",
  CAST(count(*) AS VARCHAR) AS "_edits",
  '"' || CAST(sum(CAST(_v1 AS HUGEINT)) AS VARCHAR) || '"' AS "_added",
  '"' || CAST(sum(CAST(_v2 AS HUGEINT)) AS VARCHAR) || '"' AS "_deleted",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(_v3 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(_v3 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(_v3 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(_v3 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(_v3 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(_v3 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE _v3 IS NOT NULL))::VARCHAR AS "_editors",
  '[' || to_json(histogram(CASE WHEN CAST(_v4 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(_v4 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(_v4 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(_v4 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(_v4 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END))::VARCHAR || ',' || to_json(min(_v4))::VARCHAR || ',' || to_json(max(_v4))::VARCHAR || ']' AS "_size",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(_w0, _w1, _w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0, _d1, _d2), (_w1, _d0, _d1, _d2), (_w2, _d0, _d1, _d2))
)
SELECT s.window_start AS window_start,
  s.group_key AS group_key,
  s.group_events AS group_events,
  s."channel" AS "channel",
  s."robot" AS "robot",
  s."namespace" AS "namespace",
  s."edits" AS "edits",
  s."added" AS "added",
  s."deleted" AS "deleted",
  s."_edits" AS "_edits",
  s."_added" AS "_added",
  s."_deleted" AS "_deleted",
  s."_editors" AS "_editors",
  s."_size" AS "_size",
  ranked5.state AS "_pages",
  s.window_size AS window_size,
  s.window_day AS window_day
FROM states AS s
LEFT JOIN ranked5 ON ranked5.window_start = s.window_start AND ranked5.group_key = s.group_key AND ranked5.window_size = s.window_size
