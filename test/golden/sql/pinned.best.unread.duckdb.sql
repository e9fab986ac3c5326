WITH documents AS (
SELECT f0, f1, f2, json_extract(data::JSON, ['$."country"', '$."buyer"', '$."total"']) AS document
FROM events AS e
WHERE NOT repeated AND nth = 1 AND (f0 IS NULL AND (strpos(data, '"country"') > 0 OR contains(data, '\')) OR f1 IS NULL AND (strpos(data, '"buyer"') > 0 OR contains(data, '\')) OR f2 IS NULL AND (strpos(data, '"total"') > 0 OR contains(data, '\')))
), jsons AS (
SELECT f0, document[1]::VARCHAR AS j0,
  f1, document[2]::VARCHAR AS j1,
  f2, document[3]::VARCHAR AS j2
FROM documents
)
SELECT count(CASE WHEN f0 IS NULL AND j0 <> 'null' THEN 1 END) AS u0,
  count(CASE WHEN f1 IS NULL AND j1 <> 'null' THEN 1 END) AS u1,
  count(CASE WHEN f2 IS NULL AND j2 <> 'null' THEN 1 END) AS u2
FROM jsons
