WITH counted AS NOT MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS _w0,
  substr(time, 1, 13) || ':00' AS _w1,
  substr(time, 1, 10) || 'T00:00' AS _w2,
  f0 AS _d0,
  f1 AS _v1,
  f2 AS _b1
FROM events AS e
WHERE NOT repeated AND nth = 1
), totals1 AS (
SELECT _w0,
  _w1,
  _w2,
  _d0,
  _v1,
  sum(CAST(CASE WHEN abs(_b1) <= 2.251799813685248e13 THEN CAST(floor(_b1 * 100e0 + 0.5e0) AS BIGINT) END AS HUGEINT)) AS _total,
  count(_b1) - count(CASE WHEN abs(_b1) <= 2.251799813685248e13 THEN CAST(floor(_b1 * 100e0 + 0.5e0) AS BIGINT) END) AS _out
FROM counted
WHERE _v1 IS NOT NULL AND _b1 IS NOT NULL
GROUP BY GROUPING SETS ((_w0, _d0, _v1), (_w1, _d0, _v1), (_w2, _d0, _v1))
), ranked1 AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ']' AS group_key,
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  '{"out":' || CAST(sum(_out) AS VARCHAR) || ',"rows":' || coalesce(to_json(list_transform(list_sort(list({'k': -abs(_total), 'v': CAST(_v1 AS VARCHAR), 't': _total::VARCHAR}) FILTER (WHERE _total IS NOT NULL))[1:10001], lambda e: {'v': e.v, 't': e.t}))::VARCHAR, 'null') || '}' AS state
FROM totals1
GROUP BY _w0, _w1, _w2, _d0
), states AS (
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(to_json(_d0)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "country",
  count(*) AS "baskets",
  CAST(count(*) AS VARCHAR) AS "_baskets",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  CASE WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-12' THEN '2015-09-12' WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-20' THEN '2015-09-13' END AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0), (_w1, _d0), (_w2, _d0))
)
SELECT s.window_start AS window_start,
  s.group_key AS group_key,
  s.group_events AS group_events,
  s."country" AS "country",
  s."baskets" AS "baskets",
  s."_baskets" AS "_baskets",
  ranked1.state AS "_spenders",
  s.window_size AS window_size,
  s.window_day AS window_day
FROM states AS s
LEFT JOIN ranked1 ON ranked1.window_start = s.window_start AND ranked1.group_key = s.group_key AND ranked1.window_size = s.window_size
