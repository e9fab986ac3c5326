WITH parsed AS MATERIALIZED (
SELECT CASE WHEN line IS NOT NULL THEN json_extract(line, ['$."epoch"', '$."shard"', '$."seq"', '$."line"', '$."event"."source"', '$."event"."id"', '$."event"."type"', '$."event"."time"', '$."event"."subject"', '$."event"."data"']) END AS document FROM lines
), parts AS MATERIALIZED (
SELECT CASE WHEN abs(CASE WHEN regexp_full_match(document[1]::VARCHAR, '-?[0-9]{1,16}') THEN CAST(document[1]::VARCHAR AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(document[1]::VARCHAR, '-?[0-9]{1,16}') THEN CAST(document[1]::VARCHAR AS BIGINT) END END AS epoch, CASE WHEN substr(document[2]::VARCHAR, 1, 1) = '"' THEN (document[2]::VARCHAR)::JSON ->> '$' END AS shard, CASE WHEN substr(document[3]::VARCHAR, 1, 1) = '"' THEN (document[3]::VARCHAR)::JSON ->> '$' END AS seq, CASE WHEN abs(CASE WHEN regexp_full_match(document[4]::VARCHAR, '-?[0-9]{1,16}') THEN CAST(document[4]::VARCHAR AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(document[4]::VARCHAR, '-?[0-9]{1,16}') THEN CAST(document[4]::VARCHAR AS BIGINT) END END AS line,
  CASE WHEN substr(document[5]::VARCHAR, 1, 1) = '"' THEN (document[5]::VARCHAR)::JSON ->> '$' END AS source, CASE WHEN substr(document[6]::VARCHAR, 1, 1) = '"' THEN (document[6]::VARCHAR)::JSON ->> '$' END AS id, CASE WHEN substr(document[7]::VARCHAR, 1, 1) = '"' THEN (document[7]::VARCHAR)::JSON ->> '$' END AS type, CASE WHEN substr(document[8]::VARCHAR, 1, 1) = '"' THEN (document[8]::VARCHAR)::JSON ->> '$' END AS time, CASE WHEN substr(document[9]::VARCHAR, 1, 1) = '"' THEN (document[9]::VARCHAR)::JSON ->> '$' END AS subject, document[10]::VARCHAR AS data
FROM parsed
), judged AS (
SELECT *, coalesce(epoch IS NOT NULL AND shard IS NOT NULL AND seq IS NOT NULL AND line IS NOT NULL AND source IS NOT NULL AND id IS NOT NULL
  AND regexp_full_match(type, '[A-Za-z][A-Za-z0-9_.-]{0,127}') AND regexp_full_match(time, '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z') AND substr(data, 1, 1) = '{', false) AS ok FROM parts
), placed AS (
SELECT *, row_number() OVER (PARTITION BY shard, seq, line ORDER BY id) AS copy FROM judged WHERE ok
), compared AS (
SELECT *, lag(epoch) OVER (PARTITION BY source, id ORDER BY epoch, shard, length(seq), seq, line) AS previous FROM placed WHERE copy = 1
)
SELECT epoch, shard, seq, line, source, id, subject, time, data, coalesce(previous >= epoch - 3600000, false) AS repeated, type, substr(time, 1, 10) AS day
FROM compared WHERE epoch >= 1795255200000 AND ((type = 'edit' AND substr(time, 1, 10) = '2015-09-12') OR (type = 'it''s' AND substr(time, 1, 10) = '2015-09-13'))
