WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND epoch >= 1795255200000
), documents AS (
SELECT time,
  nth,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  nth,
  json_format(json_extract(document, '$["isNew"]')) AS j0
FROM documents
), fields AS  (
SELECT time,
  nth,
  CASE j0 WHEN 'true' THEN true WHEN 'false' THEN false END AS f0
FROM jsons
)
SELECT count(*) AS events, count(CASE WHEN nth > 1 THEN 1 END) AS late
FROM fields
WHERE (f0 = true)
