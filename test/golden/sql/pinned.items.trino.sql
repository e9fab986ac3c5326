WITH counted AS (
SELECT time,
  id,
  substr(time, 1, 16) AS _w0,
  substr(time, 1, 13) || ':00' AS _w1,
  substr(time, 1, 10) || 'T00:00' AS _w2,
  g0 AS _d0,
  g1 AS _d1,
  f0 AS _d2,
  (CAST(CASE WHEN abs((CAST(CASE WHEN abs(g2) <= 2.251799813685248e13 THEN floor(g2 * 1e2 + 0.5e0) END AS DECIMAL(38,0)) * CAST(g3 AS DECIMAL(38,0)))) <= 2251799813685248 THEN (CAST(CASE WHEN abs(g2) <= 2.251799813685248e13 THEN floor(g2 * 1e2 + 0.5e0) END AS DECIMAL(38,0)) * CAST(g3 AS DECIMAL(38,0))) END AS DOUBLE) / 1e2) AS _v1
FROM (
SELECT *, CASE WHEN starts_with(h0, '"') THEN CASE WHEN strpos(h0, '\') > 0 THEN json_extract_scalar(h0, '$') ELSE substr(h0, 2, length(h0) - 2) END END AS g0, CASE WHEN starts_with(h1, '"') THEN CASE WHEN strpos(h1, '\') > 0 THEN json_extract_scalar(h1, '$') ELSE substr(h1, 2, length(h1) - 2) END END AS g1, CASE WHEN regexp_like(h2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(h2 AS DOUBLE)) <= 8e307 THEN TRY_CAST(h2 AS DOUBLE) END END AS g2, CASE WHEN regexp_like(h3, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(h3 AS BIGINT)) <= 9007199254740991 THEN CAST(h3 AS BIGINT) END END AS g3 FROM (
SELECT *, json_format(element_at(document, 'sku')) AS h0, json_format(json_extract(element_at(document, 'maker'), '$["name"]')) AS h1, json_format(element_at(document, 'price')) AS h2, json_format(element_at(document, 'quantity')) AS h3 FROM (
SELECT *, json_format(item) AS item_json, TRY(CAST(item AS MAP(VARCHAR, JSON))) AS document FROM (
SELECT r.*, u.item FROM events AS r CROSS JOIN UNNEST(CAST(json_parse(f1) AS ARRAY(JSON))) AS u (item)
) AS i) AS j WHERE starts_with(item_json, '{')) AS k) AS e
WHERE NOT repeated AND nth = 1 AND (g3 > 0)
)
SELECT coalesce(_w0, _w1, _w2) AS window_start,
  '[' || coalesce(json_format(CAST(_d0 AS JSON)), 'null') || ',' || coalesce(json_format(CAST(_d1 AS JSON)), 'null') || ',' || coalesce(json_format(CAST(_d2 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  _d0 AS "sku",
  _d1 AS "maker",
  _d2 AS "country",
  count(*) AS "items",
  CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS DECIMAL(38,0))) AS DOUBLE) / 1e2 AS "revenue",
  CAST(count(*) AS VARCHAR) AS "_items",
  CASE WHEN count(_v1) > 0 THEN '[' || coalesce('"' || CAST(sum(CAST(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END AS DECIMAL(38,0))) AS VARCHAR) || '"', 'null') || ',' || CAST(count(_v1) - count(CASE WHEN abs(_v1) <= 2.251799813685248e13 THEN CAST(floor(_v1 * 100e0 + 0.5e0) AS BIGINT) END) AS VARCHAR) || ']' END AS "_revenue",
  CASE WHEN _w0 IS NOT NULL THEN '1m' WHEN _w1 IS NOT NULL THEN '1h' WHEN _w2 IS NOT NULL THEN '1d' END AS window_size,
  CASE WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-12' THEN '2015-09-12' WHEN substr(coalesce(_w0, _w1, _w2), 1, 10) <= '2015-09-20' THEN '2015-09-13' END AS window_day
FROM counted
GROUP BY GROUPING SETS ((_w0, _d0, _d1, _d2), (_w1, _d0, _d1, _d2), (_w2, _d0, _d1, _d2))
