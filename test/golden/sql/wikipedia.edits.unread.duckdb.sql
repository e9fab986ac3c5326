WITH kept AS (
SELECT data FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT json_extract(data, ['$."channel"', '$."isRobot"', '$."namespace"', '$."added"', '$."deleted"', '$."user"', '$."page"']) AS document FROM kept
), jsons AS MATERIALIZED (
SELECT document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3,
  document[5]::VARCHAR AS j4,
  document[6]::VARCHAR AS j5,
  document[7]::VARCHAR AS j6
FROM documents
)
SELECT count(CASE WHEN j0 <> 'null' AND CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END IS NULL THEN 1 END) AS u0,
  count(CASE WHEN j1 <> 'null' AND CASE j1 WHEN 'true' THEN true WHEN 'false' THEN false END IS NULL THEN 1 END) AS u1,
  count(CASE WHEN j2 <> 'null' AND CASE WHEN substr(j2, 1, 1) = '"' THEN (j2)::JSON ->> '$' END IS NULL THEN 1 END) AS u2,
  count(CASE WHEN j3 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j3, '-?[0-9]{1,16}') THEN CAST(j3 AS BIGINT) END END IS NULL THEN 1 END) AS u3,
  count(CASE WHEN j4 <> 'null' AND CASE WHEN abs(CASE WHEN regexp_full_match(j4, '-?[0-9]{1,16}') THEN CAST(j4 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j4, '-?[0-9]{1,16}') THEN CAST(j4 AS BIGINT) END END IS NULL THEN 1 END) AS u4,
  count(CASE WHEN j5 <> 'null' AND CASE WHEN substr(j5, 1, 1) = '"' THEN (j5)::JSON ->> '$' END IS NULL THEN 1 END) AS u5,
  count(CASE WHEN j6 <> 'null' AND CASE WHEN substr(j6, 1, 1) = '"' THEN (j6)::JSON ->> '$' END IS NULL THEN 1 END) AS u6
FROM jsons
