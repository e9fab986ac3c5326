WITH counted AS (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  time,
  data,
  g0 AS _d0,
  g1 AS _d1,
  f0 AS _d2,
  CAST(NULL AS VARCHAR) AS _v,
  CAST(NULL AS VARCHAR) AS _b
FROM (
SELECT *, CASE WHEN starts_with(h0, '"') THEN CASE WHEN contains(h0, '\') THEN (h0)::JSON ->> '$' ELSE substr(h0, 2, length(h0) - 2) END END AS g0, CASE WHEN starts_with(h1, '"') THEN CASE WHEN contains(h1, '\') THEN (h1)::JSON ->> '$' ELSE substr(h1, 2, length(h1) - 2) END END AS g1, CASE WHEN regexp_full_match(h2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN CASE WHEN abs(TRY_CAST(h2 AS DOUBLE)) <= 8e307 THEN TRY_CAST(h2 AS DOUBLE) END END AS g2, CASE WHEN regexp_full_match(h3, '-?[0-9]{1,16}') THEN CASE WHEN abs(CAST(h3 AS BIGINT)) <= 9007199254740991 THEN CAST(h3 AS BIGINT) END END AS g3 FROM (
SELECT *, document[1]::VARCHAR AS h0, document[2]::VARCHAR AS h1, document[3]::VARCHAR AS h2, document[4]::VARCHAR AS h3 FROM (
SELECT *, item::VARCHAR AS item_json, json_extract(item, ['$."sku"', '$."maker"."name"', '$."price"', '$."quantity"']) AS document FROM (
SELECT *, unnest(json_extract(f1, '$[*]')) AS item FROM events AS r
) AS i) AS j WHERE starts_with(item_json, '{')) AS k) AS e
WHERE NOT repeated AND nth = 1
  AND (time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-12T01:00:00.000Z')
  AND (g3 > 0)
), chosen AS (
SELECT * FROM counted
), listed AS (
SELECT epoch,
  shard,
  seq,
  line,
  min(source) AS source,
  min(id) AS id,
  min(time) AS time,
  min(data) AS data,
  count(*) AS items,
  min(_v) AS value FROM chosen
GROUP BY epoch, shard, seq, line
)
SELECT t.total, t.total_items, p.* FROM (SELECT count(*) AS total, coalesce(sum(items), 0) AS total_items FROM listed) AS t
LEFT JOIN (
SELECT * FROM (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  time,
  data,
  items,
  value, count(*) OVER () AS paged, coalesce(sum(length(data)) OVER (ORDER BY epoch DESC, length(seq) DESC, seq DESC, shard DESC, line DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS held FROM (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  time,
  data,
  items,
  value FROM listed
ORDER BY epoch DESC, length(seq) DESC, seq DESC, shard DESC, line DESC
LIMIT 51
) AS page
) AS sized
WHERE held < 33554432
) AS p ON true
ORDER BY p.epoch DESC, length(p.seq) DESC, p.seq DESC, p.shard DESC, p.line DESC
