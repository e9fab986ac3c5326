WITH counted AS NOT MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS _w0,
  substr(time, 1, 13) || ':00' AS _w1,
  substr(time, 1, 10) || 'T00:00' AS _w2,
  f0 AS _d0,
  f1 AS _v1,
  f2 AS _v2,
  f3 AS _v3,
  f3 AS _v4,
  f3 AS _v5,
  f4 AS _v6,
  f3 AS _v7,
  f4 AS _v8,
  f4 AS _v9,
  f4 AS _v10
FROM events AS e
WHERE NOT repeated AND nth = 1
), totals8 AS (
SELECT _w0,
  _w1,
  _w2,
  _d0,
  _v8,
  count(*) AS _n
FROM counted
WHERE _v8 IS NOT NULL
GROUP BY GROUPING SETS ((_w0, _d0, _v8), (_w1, _d0, _v8), (_w2, _d0, _v8))
), ranked8 AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ']' AS group_key,
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  to_json(list_sort(list({'n': -_n, 'v': CAST(_v8 AS VARCHAR)}))[1:10001])::VARCHAR AS state
FROM totals8
GROUP BY _w0, _w1, _w2, _d0
), states AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "country",
  count(*) AS "visits",
  CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS HUGEINT)) AS DOUBLE) / 1e2 AS "spent",
  CAST(sum(CAST(CAST(floor((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS HUGEINT)) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) - floor((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS HUGEINT)) AS DOUBLE) / 1e6 AS "loads",
  min(_v3) AS "fastest",
  max(_v4) AS "slowest",
  CAST(sum(CAST(_v5 AS HUGEINT)) AS DOUBLE) / (nullif(count(_v5), 0) * 1e0) AS "usual",
  (max({'t': time, 'id': id, 'v': _v9}) FILTER (WHERE _v9 IS NOT NULL)).v AS "last",
  (min({'t': time, 'id': id, 'v': _v10}) FILTER (WHERE _v10 IS NOT NULL)).v AS "entry",
  CAST(count(*) AS VARCHAR) AS "_visits",
  CASE WHEN count(_v1) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS HUGEINT)) AS VARCHAR) || '"', 'null') || ',' || CAST(count(_v1) - count(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END) AS VARCHAR) || ']' END AS "_spent",
  CASE WHEN count(_v2) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CAST(floor((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS HUGEINT)) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) - floor((CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS HUGEINT)) AS VARCHAR) || '"', 'null') || ',' || CAST(count(_v2) - count(CASE WHEN abs(_v2) < 9007199254740992e0 THEN floor(_v2 * 1000000e0 + 0.5e0) END) AS VARCHAR) || ']' END AS "_loads",
  to_json(min(_v3))::VARCHAR AS "_fastest",
  to_json(max(_v4))::VARCHAR AS "_slowest",
  '[' || CAST(count(_v5) AS VARCHAR) || ',"' || coalesce(CAST(sum(CAST(_v5 AS HUGEINT)) AS VARCHAR), '0') || '"]' AS "_usual",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(_v6 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(_v6 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(_v6 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(_v6 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(_v6 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(_v6 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE _v6 IS NOT NULL))::VARCHAR AS "_pages",
  '[' || to_json(histogram(CASE WHEN CAST(_v7 AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(_v7 AS DOUBLE)) * (floor(log2(nullif(abs(CAST(_v7 AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(_v7 AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(_v7 AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END))::VARCHAR || ',' || to_json(min(_v7))::VARCHAR || ',' || to_json(max(_v7))::VARCHAR || ']' AS "_times",
  to_json(max({'t': time, 'id': id, 'v': _v9}) FILTER (WHERE _v9 IS NOT NULL))::VARCHAR AS "_last",
  to_json(min({'t': time, 'id': id, 'v': _v10}) FILTER (WHERE _v10 IS NOT NULL))::VARCHAR AS "_entry",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  CASE WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-12' THEN '2015-09-12' WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-20' THEN '2015-09-13' END AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0), (_w1, _d0), (_w2, _d0))
)
SELECT s.window_start AS window_start,
  s.group_key AS group_key,
  s.group_events AS group_events,
  s."country" AS "country",
  s."visits" AS "visits",
  s."spent" AS "spent",
  s."loads" AS "loads",
  s."fastest" AS "fastest",
  s."slowest" AS "slowest",
  s."usual" AS "usual",
  s."last" AS "last",
  s."entry" AS "entry",
  s."_visits" AS "_visits",
  s."_spent" AS "_spent",
  s."_loads" AS "_loads",
  s."_fastest" AS "_fastest",
  s."_slowest" AS "_slowest",
  s."_usual" AS "_usual",
  s."_pages" AS "_pages",
  s."_times" AS "_times",
  ranked8.state AS "_favourites",
  s."_last" AS "_last",
  s."_entry" AS "_entry",
  s.window_size AS window_size,
  s.window_day AS window_day
FROM states AS s
LEFT JOIN ranked8 ON ranked8.window_start = s.window_start AND ranked8.group_key = s.group_key AND ranked8.window_size = s.window_size
