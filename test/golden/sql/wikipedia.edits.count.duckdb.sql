WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  nth
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  nth
FROM jsons
)
SELECT count(*) AS events, count(CASE WHEN nth > 1 THEN 1 END) AS late
FROM fields
