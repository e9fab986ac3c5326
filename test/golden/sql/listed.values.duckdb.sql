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
WHERE coalesce(_d0 IN (decode(unhex('27293b2044524f50205441424c45206576656e74733b202d2d'))), false)
  AND coalesce(starts_with(_d0, decode(unhex('23'))) OR _d0 IS NOT NULL, false)
  AND _d1 IS NOT NULL
  AND _v IS NOT NULL
  AND CASE WHEN CAST(_v AS DOUBLE) = 0e0 THEN 0 ELSE CAST(sign(CAST(_v AS DOUBLE)) * (floor(log2(nullif(abs(CAST(_v AS DOUBLE)), 0e0))) * 50 + floor((nullif(abs(CAST(_v AS DOUBLE)), 0e0) / pow(2e0, floor(log2(nullif(abs(CAST(_v AS DOUBLE)), 0e0)))) - 1) * 50) + 60000) AS BIGINT) END = 60137
)
SELECT value, events FROM (
SELECT value, events, coalesce(sum(length(CAST(value AS VARCHAR))) OVER (ORDER BY events DESC, value ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS held FROM (
SELECT _v AS value, count(*) AS events FROM chosen
GROUP BY _v
ORDER BY events DESC, value
LIMIT 11
) AS found
) AS sized
WHERE held < 33554432
ORDER BY events DESC, value
