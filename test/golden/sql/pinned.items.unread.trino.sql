WITH documents AS (
SELECT f0, f1, TRY(CAST(json_parse(data) AS MAP(VARCHAR, JSON))) AS document
FROM events AS e
WHERE NOT repeated AND nth = 1 AND (f0 IS NULL AND (strpos(data, '"country"') > 0 OR strpos(data, '\') > 0) OR f1 IS NULL AND (strpos(data, '"items"') > 0 OR strpos(data, '\') > 0))
), jsons AS (
SELECT f0, json_format(element_at(document, 'country')) AS j0,
  f1, json_format(element_at(document, 'items')) AS j1
FROM documents
)
SELECT count(CASE WHEN f0 IS NULL AND j0 <> 'null' THEN 1 END) AS u0,
  count(CASE WHEN f1 IS NULL AND j1 <> 'null' THEN 1 END) AS u1
FROM jsons
