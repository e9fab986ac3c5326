WITH raw_lines AS (
SELECT epoch::VARCHAR AS epoch, shard::VARCHAR AS shard, seq::VARCHAR AS seq, line::VARCHAR AS line,
  event.source::VARCHAR AS source, event.id::VARCHAR AS id, event.type::VARCHAR AS type, event.time::VARCHAR AS time, event.subject::VARCHAR AS subject, event.data AS data
FROM lines
), opened AS (
SELECT epoch, shard, seq, line, source, id, type, time, subject, data::VARCHAR AS data, json_extract(data, ['$."country"', '$."page"', '$."ms"', '$."price"', '$."load"']) AS document FROM raw_lines
), jsons AS (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  type,
  time,
  subject,
  data,
  document[1]::VARCHAR AS t0,
  document[2]::VARCHAR AS t1,
  document[3]::VARCHAR AS i0,
  document[4]::VARCHAR AS d0,
  document[5]::VARCHAR AS d1
FROM opened
), typed AS (
SELECT CASE WHEN regexp_full_match(j.epoch, '-?[0-9]{1,16}') THEN CASE WHEN abs(CAST(j.epoch AS BIGINT)) <= 9007199254740991 THEN CAST(j.epoch AS BIGINT) END END AS epoch,
  CASE WHEN starts_with(j.shard, '"') THEN CASE WHEN contains(j.shard, '\') THEN (j.shard)::JSON ->> '$' ELSE substr(j.shard, 2, length(j.shard) - 2) END END AS shard,
  CASE WHEN starts_with(j.seq, '"') THEN CASE WHEN contains(j.seq, '\') THEN (j.seq)::JSON ->> '$' ELSE substr(j.seq, 2, length(j.seq) - 2) END END AS seq,
  CASE WHEN regexp_full_match(j.line, '-?[0-9]{1,16}') THEN CASE WHEN abs(CAST(j.line AS BIGINT)) <= 9007199254740991 THEN CAST(j.line AS BIGINT) END END AS line,
  CASE WHEN starts_with(j.source, '"') THEN CASE WHEN contains(j.source, '\') THEN (j.source)::JSON ->> '$' ELSE substr(j.source, 2, length(j.source) - 2) END END AS source,
  CASE WHEN starts_with(j.id, '"') THEN CASE WHEN contains(j.id, '\') THEN (j.id)::JSON ->> '$' ELSE substr(j.id, 2, length(j.id) - 2) END END AS id,
  CASE WHEN starts_with(j.type, '"') THEN CASE WHEN contains(j.type, '\') THEN (j.type)::JSON ->> '$' ELSE substr(j.type, 2, length(j.type) - 2) END END AS type,
  CASE WHEN starts_with(j.time, '"') THEN CASE WHEN contains(j.time, '\') THEN (j.time)::JSON ->> '$' ELSE substr(j.time, 2, length(j.time) - 2) END END AS time,
  CASE WHEN starts_with(j.subject, '"') THEN CASE WHEN contains(j.subject, '\') THEN (j.subject)::JSON ->> '$' ELSE substr(j.subject, 2, length(j.subject) - 2) END END AS subject,
  CASE WHEN starts_with(j.t0, '"') THEN CASE WHEN contains(j.t0, '\') THEN (j.t0)::JSON ->> '$' ELSE substr(j.t0, 2, length(j.t0) - 2) END END AS t0,
  CASE WHEN starts_with(j.t1, '"') THEN CASE WHEN contains(j.t1, '\') THEN (j.t1)::JSON ->> '$' ELSE substr(j.t1, 2, length(j.t1) - 2) END END AS t1,
  CASE WHEN regexp_full_match(j.i0, '-?[0-9]{1,16}') THEN CASE WHEN abs(CAST(j.i0 AS BIGINT)) <= 9007199254740991 THEN CAST(j.i0 AS BIGINT) END END AS i0,
  CASE WHEN regexp_full_match(j.d0, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN CASE WHEN abs(TRY_CAST(j.d0 AS DOUBLE)) <= 8e307 THEN TRY_CAST(j.d0 AS DOUBLE) END END AS d0,
  CASE WHEN regexp_full_match(j.d1, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN CASE WHEN abs(TRY_CAST(j.d1 AS DOUBLE)) <= 8e307 THEN TRY_CAST(j.d1 AS DOUBLE) END END AS d1,
  data
FROM jsons AS j
), judged AS (
SELECT *, coalesce(epoch IS NOT NULL AND shard IS NOT NULL AND seq IS NOT NULL AND line IS NOT NULL AND source IS NOT NULL AND id IS NOT NULL
  AND regexp_full_match(type, '[A-Za-z][A-Za-z0-9_.-]{0,127}') AND regexp_full_match(time, '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z') AND starts_with(data, '{'), false) AS ok FROM typed
)
SELECT 'r1' AS run, epoch, shard, seq, line, source, id, subject, time, data, t0, t1, i0, d0, d1,
  CASE WHEN ok THEN type END AS type, CASE WHEN ok THEN substr(time, 1, 10) END AS day
FROM judged WHERE epoch IS NULL OR (epoch >= 1795255200000
  OR (epoch = 1795251600000 AND shard = 'it''s' AND (length(seq) > 2 OR (length(seq) = 2 AND seq >= '98')) AND (length(seq) < 4 OR (length(seq) = 4 AND seq <= '1023'))))
