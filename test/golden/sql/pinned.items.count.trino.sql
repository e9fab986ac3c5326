WITH flagged AS (
SELECT nth, false AS excluded, false AS skipped
FROM (
SELECT *, CASE WHEN starts_with(h0, '"') THEN CASE WHEN strpos(h0, '\') > 0 THEN json_extract_scalar(h0, '$') ELSE substr(h0, 2, length(h0) - 2) END END AS g0, CASE WHEN starts_with(h1, '"') THEN CASE WHEN strpos(h1, '\') > 0 THEN json_extract_scalar(h1, '$') ELSE substr(h1, 2, length(h1) - 2) END END AS g1, CASE WHEN regexp_like(h2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(h2 AS DOUBLE)) <= 8e307 THEN TRY_CAST(h2 AS DOUBLE) END END AS g2, CASE WHEN regexp_like(h3, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(h3 AS BIGINT)) <= 9007199254740991 THEN CAST(h3 AS BIGINT) END END AS g3 FROM (
SELECT *, json_format(element_at(document, 'sku')) AS h0, json_format(json_extract(element_at(document, 'maker'), '$["name"]')) AS h1, json_format(element_at(document, 'price')) AS h2, json_format(element_at(document, 'quantity')) AS h3 FROM (
SELECT *, json_format(item) AS item_json, TRY(CAST(item AS MAP(VARCHAR, JSON))) AS document FROM (
SELECT r.*, u.item FROM events AS r CROSS JOIN UNNEST(CAST(json_parse(f1) AS ARRAY(JSON))) AS u (item)
) AS i) AS j WHERE starts_with(item_json, '{')) AS k) AS e
WHERE NOT repeated AND epoch >= 1795255200000 AND (g3 > 0)
)
SELECT count(CASE WHEN NOT skipped THEN 1 END) AS events,
  count(CASE WHEN NOT skipped AND nth > 1 THEN 1 END) AS late,
  count(CASE WHEN NOT skipped AND nth = 1 AND excluded THEN 1 END) AS excluded,
  count(CASE WHEN skipped AND nth = 1 AND NOT excluded THEN 1 END) AS restored
FROM flagged
