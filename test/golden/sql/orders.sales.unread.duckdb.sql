WITH kept AS (
SELECT data FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT json_extract(data, ['$."customer"."address"."country"', '$."referrer"', '$."price"', '$."shipping"', '$."weight"', '$."customer"."email"', '$."coupon"', '$."test"', '$."status"']) AS document FROM kept
), jsons AS MATERIALIZED (
SELECT document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3,
  document[5]::VARCHAR AS j4,
  document[6]::VARCHAR AS j5,
  document[7]::VARCHAR AS j6,
  document[8]::VARCHAR AS j7,
  document[9]::VARCHAR AS j8
FROM documents
)
SELECT count(CASE WHEN j0 <> 'null' AND CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END IS NULL THEN 1 END) AS u0,
  count(CASE WHEN j1 <> 'null' AND CASE WHEN substr(j1, 1, 1) = '"' THEN (j1)::JSON ->> '$' END IS NULL THEN 1 END) AS u1,
  count(CASE WHEN j2 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END END IS NULL THEN 1 END) AS u2,
  count(CASE WHEN j3 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_full_match(j3, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j3 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j3, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j3 AS DOUBLE) END END IS NULL THEN 1 END) AS u3,
  count(CASE WHEN j4 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_full_match(j4, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j4 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j4, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j4 AS DOUBLE) END END IS NULL THEN 1 END) AS u4,
  count(CASE WHEN j5 <> 'null' AND CASE WHEN substr(j5, 1, 1) = '"' THEN (j5)::JSON ->> '$' END IS NULL THEN 1 END) AS u5,
  count(CASE WHEN j6 <> 'null' AND CASE WHEN substr(j6, 1, 1) = '"' THEN (j6)::JSON ->> '$' END IS NULL THEN 1 END) AS u6,
  count(CASE WHEN j7 <> 'null' AND CASE j7 WHEN 'true' THEN true WHEN 'false' THEN false END IS NULL THEN 1 END) AS u7,
  count(CASE WHEN j8 <> 'null' AND CASE WHEN substr(j8, 1, 1) = '"' THEN (j8)::JSON ->> '$' END IS NULL THEN 1 END) AS u8
FROM jsons
