WITH counted AS (
SELECT time,
  id,
  substr(time, 1, 16) AS _w0,
  substr(time, 1, 13) || ':00' AS _w1,
  substr(time, 1, 10) || 'T00:00' AS _w2,
  l0 AS _d0,
  l1 AS _d1,
  l2 AS _d2,
  l3 AS _v1
FROM looked_up AS e
WHERE NOT repeated AND nth = 1 AND (l4 = true)
)
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(json_format(CAST(_d0 AS JSON)), 'null') || ',' || coalesce(json_format(CAST(_d1 AS JSON)), 'null') || ',' || coalesce(json_format(CAST(_d2 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "country",
  _d1 AS "none",
  _d2 AS "owner",
  count(*) AS "edits",
  CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS DECIMAL(38,0))) AS DOUBLE) / 1e2 AS "area",
  CAST(count(*) AS VARCHAR) AS "_edits",
  CASE WHEN count(_v1) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS DECIMAL(38,0))) AS VARCHAR) || '"', 'null') || ',' || CAST(count(_v1) - count(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END) AS VARCHAR) || ']' END AS "_area",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  CASE WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-12' THEN '2015-09-12' WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-20' THEN '2015-09-13' END AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0, _d1, _d2), (_w1, _d0, _d1, _d2), (_w2, _d0, _d1, _d2))
