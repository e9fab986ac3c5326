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
SELECT *, CASE WHEN starts_with(h0, '"') THEN CASE WHEN strpos(h0, '\') > 0 THEN json_extract_scalar(h0, '$') ELSE substr(h0, 2, length(h0) - 2) END END AS g0, CASE WHEN starts_with(h1, '"') THEN CASE WHEN strpos(h1, '\') > 0 THEN json_extract_scalar(h1, '$') ELSE substr(h1, 2, length(h1) - 2) END END AS g1, CASE WHEN regexp_like(h2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(h2 AS DOUBLE)) <= 8e307 THEN TRY_CAST(h2 AS DOUBLE) END END AS g2, CASE WHEN regexp_like(h3, '\A(?:-?[0-9]{1,16})\z') THEN CASE WHEN abs(CAST(h3 AS BIGINT)) <= 9007199254740991 THEN CAST(h3 AS BIGINT) END END AS g3 FROM (
SELECT *, json_format(element_at(document, 'sku')) AS h0, json_format(json_extract(element_at(document, 'maker'), '$["name"]')) AS h1, json_format(element_at(document, 'price')) AS h2, json_format(element_at(document, 'quantity')) AS h3 FROM (
SELECT *, json_format(item) AS item_json, TRY(CAST(item AS MAP(VARCHAR, JSON))) AS document FROM (
SELECT r.*, u.item FROM events AS r CROSS JOIN UNNEST(CAST(json_parse(f1) AS ARRAY(JSON))) AS u (item)
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
