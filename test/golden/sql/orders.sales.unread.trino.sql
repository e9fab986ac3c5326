WITH kept AS (
SELECT data FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT json_parse(data) AS document FROM kept
), jsons AS  (
SELECT json_format(json_extract(document, '$["customer"]["address"]["country"]')) AS j0,
  json_format(json_extract(document, '$["referrer"]')) AS j1,
  json_format(json_extract(document, '$["price"]')) AS j2,
  json_format(json_extract(document, '$["shipping"]')) AS j3,
  json_format(json_extract(document, '$["weight"]')) AS j4,
  json_format(json_extract(document, '$["customer"]["email"]')) AS j5,
  json_format(json_extract(document, '$["coupon"]')) AS j6,
  json_format(json_extract(document, '$["test"]')) AS j7,
  json_format(json_extract(document, '$["status"]')) AS j8
FROM documents
)
SELECT count(CASE WHEN j0 <> 'null' AND CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END IS NULL THEN 1 END) AS u0,
  count(CASE WHEN j1 <> 'null' AND CASE WHEN substr(j1, 1, 1) = '"' THEN json_extract_scalar(j1, '$') END IS NULL THEN 1 END) AS u1,
  count(CASE WHEN j2 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END IS NULL THEN 1 END) AS u2,
  count(CASE WHEN j3 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j3, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j3 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j3, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j3 AS DOUBLE) END END IS NULL THEN 1 END) AS u3,
  count(CASE WHEN j4 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_like(j4, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j4 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j4, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j4 AS DOUBLE) END END IS NULL THEN 1 END) AS u4,
  count(CASE WHEN j5 <> 'null' AND CASE WHEN substr(j5, 1, 1) = '"' THEN json_extract_scalar(j5, '$') END IS NULL THEN 1 END) AS u5,
  count(CASE WHEN j6 <> 'null' AND CASE WHEN substr(j6, 1, 1) = '"' THEN json_extract_scalar(j6, '$') END IS NULL THEN 1 END) AS u6,
  count(CASE WHEN j7 <> 'null' AND CASE j7 WHEN 'true' THEN true WHEN 'false' THEN false END IS NULL THEN 1 END) AS u7,
  count(CASE WHEN j8 <> 'null' AND CASE WHEN substr(j8, 1, 1) = '"' THEN json_extract_scalar(j8, '$') END IS NULL THEN 1 END) AS u8
FROM jsons
