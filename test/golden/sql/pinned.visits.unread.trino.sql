WITH documents AS (
SELECT f0, f1, f2, f3, f4, TRY(CAST(json_parse(data) AS MAP(VARCHAR, JSON))) AS document
FROM events AS e
WHERE NOT repeated AND nth = 1 AND (f0 IS NULL AND (strpos(data, '"country"') > 0 OR strpos(data, '\') > 0) OR f1 IS NULL AND (strpos(data, '"price"') > 0 OR strpos(data, '\') > 0) OR f2 IS NULL AND (strpos(data, '"load"') > 0 OR strpos(data, '\') > 0) OR f3 IS NULL AND (strpos(data, '"ms"') > 0 OR strpos(data, '\') > 0) OR f4 IS NULL AND (strpos(data, '"page"') > 0 OR strpos(data, '\') > 0))
), jsons AS (
SELECT f0, json_format(element_at(document, 'country')) AS j0,
  f1, json_format(element_at(document, 'price')) AS j1,
  f2, json_format(element_at(document, 'load')) AS j2,
  f3, json_format(element_at(document, 'ms')) AS j3,
  f4, json_format(element_at(document, 'page')) AS j4
FROM documents
)
SELECT count(CASE WHEN f0 IS NULL AND j0 <> 'null' THEN 1 END) AS u0,
  count(CASE WHEN f1 IS NULL AND j1 <> 'null' THEN 1 END) AS u1,
  count(CASE WHEN f2 IS NULL AND j2 <> 'null' THEN 1 END) AS u2,
  count(CASE WHEN f3 IS NULL AND j3 <> 'null' THEN 1 END) AS u3,
  count(CASE WHEN f4 IS NULL AND j4 <> 'null' THEN 1 END) AS u4
FROM jsons
