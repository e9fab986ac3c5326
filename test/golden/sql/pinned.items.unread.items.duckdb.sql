SELECT count(CASE WHEN g0 IS NULL AND h0 <> 'null' THEN 1 END) AS u0, count(CASE WHEN g1 IS NULL AND h1 <> 'null' THEN 1 END) AS u1, count(CASE WHEN g2 IS NULL AND h2 <> 'null' THEN 1 END) AS u2, count(CASE WHEN g3 IS NULL AND h3 <> 'null' THEN 1 END) AS u3
FROM (
SELECT *, CASE WHEN starts_with(h0, '"') THEN CASE WHEN contains(h0, '\') THEN (h0)::JSON ->> '$' ELSE substr(h0, 2, length(h0) - 2) END END AS g0, CASE WHEN starts_with(h1, '"') THEN CASE WHEN contains(h1, '\') THEN (h1)::JSON ->> '$' ELSE substr(h1, 2, length(h1) - 2) END END AS g1, CASE WHEN regexp_full_match(h2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN CASE WHEN abs(TRY_CAST(h2 AS DOUBLE)) <= 8e307 THEN TRY_CAST(h2 AS DOUBLE) END END AS g2, CASE WHEN regexp_full_match(h3, '-?[0-9]{1,16}') THEN CASE WHEN abs(CAST(h3 AS BIGINT)) <= 9007199254740991 THEN CAST(h3 AS BIGINT) END END AS g3 FROM (
SELECT *, document[1]::VARCHAR AS h0, document[2]::VARCHAR AS h1, document[3]::VARCHAR AS h2, document[4]::VARCHAR AS h3 FROM (
SELECT *, item::VARCHAR AS item_json, json_extract(item, ['$."sku"', '$."maker"."name"', '$."price"', '$."quantity"']) AS document FROM (
SELECT *, unnest(json_extract(f1, '$[*]')) AS item FROM events AS r
) AS i) AS j WHERE NOT repeated AND nth = 1) AS k) AS e
