WITH counted AS (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  time,
  data,
  f0 AS _d0,
  f1 AS _d1,
  f2 AS _d2,
  f3 AS _v,
  CAST(NULL AS VARCHAR) AS _b
FROM events AS e
WHERE NOT repeated AND nth = 1
  AND (time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-12T01:00:00.000Z')
), chosen AS (
SELECT * FROM counted
WHERE coalesce(_d0 IN (from_utf8(from_hex('27293b2044524f50205441424c45206576656e74733b202d2d'))), false)
  AND coalesce(starts_with(_d0, from_utf8(from_hex('23'))) OR _d0 IS NOT NULL, false)
  AND _d1 IS NOT NULL
  AND _v IS NOT NULL
  AND CASE WHEN CAST(_v AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(_v AS DOUBLE)) * (floor(log2(nullif(abs(CAST(_v AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(_v AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(_v AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END = 60137
), listed AS (
SELECT epoch,
  shard,
  seq,
  line,
  source,
  id,
  time,
  data,
  CAST(1 AS BIGINT) AS items,
  _v AS value FROM chosen
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
WHERE (epoch < 1795255200000 OR (epoch = 1795255200000 AND (length(seq) < 4 OR (length(seq) = 4 AND (seq < '1023'
  OR (seq = '1023' AND (shard < 'shard-000000000001' OR (shard = 'shard-000000000001' AND line < 4))))))))
ORDER BY epoch DESC, length(seq) DESC, seq DESC, shard DESC, line DESC
LIMIT 51
) AS page
) AS sized
WHERE held < 33554432
) AS p ON true
ORDER BY p.epoch DESC, length(p.seq) DESC, p.seq DESC, p.shard DESC, p.line DESC
