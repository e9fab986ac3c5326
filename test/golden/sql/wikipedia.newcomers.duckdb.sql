WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_extract(data, ['$."countryIsoCode"', '$."added"', '$."user"', '$."isNew"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  id,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE WHEN abs(CASE WHEN regexp_full_match(j1, '-?[0-9]{1,16}') THEN CAST(j1 AS BIGINT) END) <= 9007199254740991 THEN CASE WHEN regexp_full_match(j1, '-?[0-9]{1,16}') THEN CAST(j1 AS BIGINT) END END AS f1,
  CASE WHEN substr(j2, 1, 1) = '"' THEN (j2)::JSON ->> '$' END AS f2,
  CASE j3 WHEN 'true' THEN true WHEN 'false' THEN false END AS f3
FROM jsons
), counted AS MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2,
  f0 AS d0,
  f1 AS v1,
  f2 AS v2
FROM fields
WHERE (f3 = true)
)
SELECT coalesce(w0, w1, w2) AS window_start,
  '[' || coalesce(to_json(d0)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "edits",
  '"' || CAST(sum(CAST(v1 AS HUGEINT)) AS VARCHAR) || '"' AS "added",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(v2 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(v2 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(v2 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(v2 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(v2 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(v2 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v2 IS NOT NULL))::VARCHAR AS "editors",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0), (w1, d0), (w2, d0))
