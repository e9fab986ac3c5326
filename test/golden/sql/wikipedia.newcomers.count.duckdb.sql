WITH kept AS (
SELECT *, false AS excluded, false AS skipped FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth,
  excluded,
  skipped,
  json_extract(data, ['$."isNew"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  nth,
  excluded,
  skipped,
  document[1]::VARCHAR AS j0
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  nth,
  excluded,
  skipped,
  CASE j0 WHEN 'true' THEN true WHEN 'false' THEN false END AS f0
FROM jsons
)
SELECT count(CASE WHEN NOT skipped THEN 1 END) AS events,
  count(CASE WHEN NOT skipped AND nth > 1 THEN 1 END) AS late,
  count(CASE WHEN NOT skipped AND nth = 1 AND excluded THEN 1 END) AS excluded,
  count(CASE WHEN skipped AND nth = 1 AND NOT excluded THEN 1 END) AS restored
FROM fields
WHERE (f0 = true)
