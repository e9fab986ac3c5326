WITH raw_lines AS (
SELECT json_format(element_at(record, 'epoch')) AS epoch, json_format(element_at(record, 'shard')) AS shard, json_format(element_at(record, 'seq')) AS seq, json_format(element_at(record, 'line')) AS line,
  json_format(element_at(event, 'source')) AS source, json_format(element_at(event, 'id')) AS id, json_format(element_at(event, 'type')) AS type, json_format(element_at(event, 'time')) AS time, json_format(element_at(event, 'subject')) AS subject, element_at(event, 'data') AS data
FROM (
  SELECT record, TRY(CAST(element_at(record, 'event') AS MAP(VARCHAR, JSON))) AS event FROM (
    SELECT CASE WHEN from_utf8(to_utf8(line)) = line THEN TRY(CAST(json_parse(line) AS MAP(VARCHAR, JSON))) END AS record FROM lines
  )
)
), opened AS (
SELECT epoch, shard, seq, line, source, id, type, time, subject, json_format(data) AS data, TRY(CAST(data AS MAP(VARCHAR, JSON))) AS document FROM raw_lines
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
  json_format(element_at(document, 'country')) AS t0,
  json_format(element_at(document, 'page')) AS t1,
  json_format(element_at(document, 'ms')) AS i0,
  json_format(element_at(document, 'price')) AS d0,
  json_format(element_at(document, 'load')) AS d1
FROM opened
), typed AS (
SELECT CASE WHEN regexp_like(j.epoch, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(j.epoch AS BIGINT)) <= 9007199254740991 THEN CAST(j.epoch AS BIGINT) END END AS epoch,
  CASE WHEN starts_with(j.shard, '"') THEN CASE WHEN strpos(j.shard, '\') > 0 THEN json_extract_scalar(j.shard, '$') ELSE substr(j.shard, 2, length(j.shard) - 2) END END AS shard,
  CASE WHEN starts_with(j.seq, '"') THEN CASE WHEN strpos(j.seq, '\') > 0 THEN json_extract_scalar(j.seq, '$') ELSE substr(j.seq, 2, length(j.seq) - 2) END END AS seq,
  CASE WHEN regexp_like(j.line, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(j.line AS BIGINT)) <= 9007199254740991 THEN CAST(j.line AS BIGINT) END END AS line,
  CASE WHEN starts_with(j.source, '"') THEN CASE WHEN strpos(j.source, '\') > 0 THEN json_extract_scalar(j.source, '$') ELSE substr(j.source, 2, length(j.source) - 2) END END AS source,
  CASE WHEN starts_with(j.id, '"') THEN CASE WHEN strpos(j.id, '\') > 0 THEN json_extract_scalar(j.id, '$') ELSE substr(j.id, 2, length(j.id) - 2) END END AS id,
  CASE WHEN starts_with(j.type, '"') THEN CASE WHEN strpos(j.type, '\') > 0 THEN json_extract_scalar(j.type, '$') ELSE substr(j.type, 2, length(j.type) - 2) END END AS type,
  CASE WHEN starts_with(j.time, '"') THEN CASE WHEN strpos(j.time, '\') > 0 THEN json_extract_scalar(j.time, '$') ELSE substr(j.time, 2, length(j.time) - 2) END END AS time,
  CASE WHEN starts_with(j.subject, '"') THEN CASE WHEN strpos(j.subject, '\') > 0 THEN json_extract_scalar(j.subject, '$') ELSE substr(j.subject, 2, length(j.subject) - 2) END END AS subject,
  CASE WHEN starts_with(j.t0, '"') THEN CASE WHEN strpos(j.t0, '\') > 0 THEN json_extract_scalar(j.t0, '$') ELSE substr(j.t0, 2, length(j.t0) - 2) END END AS t0,
  CASE WHEN starts_with(j.t1, '"') THEN CASE WHEN strpos(j.t1, '\') > 0 THEN json_extract_scalar(j.t1, '$') ELSE substr(j.t1, 2, length(j.t1) - 2) END END AS t1,
  CASE WHEN regexp_like(j.i0, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(j.i0 AS BIGINT)) <= 9007199254740991 THEN CAST(j.i0 AS BIGINT) END END AS i0,
  CASE WHEN regexp_like(j.d0, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(j.d0 AS DOUBLE)) <= 8e307 THEN TRY_CAST(j.d0 AS DOUBLE) END END AS d0,
  CASE WHEN regexp_like(j.d1, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(j.d1 AS DOUBLE)) <= 8e307 THEN TRY_CAST(j.d1 AS DOUBLE) END END AS d1,
  data
FROM jsons AS j
), judged AS (
SELECT *, coalesce(epoch IS NOT NULL AND shard IS NOT NULL AND seq IS NOT NULL AND line IS NOT NULL AND source IS NOT NULL AND id IS NOT NULL
  AND regexp_like(type, '\A(?:[A-Za-z][A-Za-z0-9_.-]{0,127})\z') AND regexp_like(time, '\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)\z') AND starts_with(data, '{'), false) AS ok FROM typed
)
SELECT 'r1' AS run, epoch, shard, seq, line, source, id, subject, time, data, t0, t1, i0, d0, d1,
  CASE WHEN ok THEN type END AS type, CASE WHEN ok THEN substr(time, 1, 10) END AS day
FROM judged WHERE epoch IS NULL OR (epoch >= 1795255200000
  OR (epoch = 1795251600000 AND shard = 'it''s' AND (length(seq) > 2 OR (length(seq) = 2 AND seq >= '98')) AND (length(seq) < 4 OR (length(seq) = 4 AND seq <= '1023'))))
