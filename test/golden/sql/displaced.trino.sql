WITH again AS  (
  SELECT id FROM fresh AS a WHERE type IS NOT NULL GROUP BY id HAVING count(*) > 1
  UNION SELECT id FROM stored AS s WHERE type IS NOT NULL AND id IN (SELECT id FROM fresh AS f WHERE type IS NOT NULL)
), candidates AS (
  SELECT run, epoch, shard, seq, line, source, id, type, day, data, t0, 1 AS is_fresh, false AS counted
  FROM fresh AS c WHERE type IS NOT NULL AND id IN (SELECT id FROM again)
  UNION ALL SELECT run, epoch, shard, seq, line, source, id, type, day, NULL AS data, NULL AS t0, 0 AS is_fresh, NOT repeated AND nth = 1 AS counted
  FROM stored AS s WHERE type IS NOT NULL AND id IN (SELECT id FROM again)
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY shard, seq, line ORDER BY is_fresh, id) AS copy, min(is_fresh) OVER (PARTITION BY shard, seq, line) AS unstored
  FROM candidates
), compared AS (
  SELECT *, lag(epoch) OVER (PARTITION BY source, id ORDER BY epoch, shard, length(seq), seq, line, copy) AS previous,
    row_number() OVER (PARTITION BY type, day, source, id ORDER BY epoch, shard, length(seq), seq, line, copy) AS nth
  FROM placed WHERE copy = 1 OR unstored = 0
), numbered AS (
  SELECT *, coalesce(previous >= epoch - 3600000, false) AS repeated FROM compared
)
SELECT DISTINCT type, day FROM numbered WHERE is_fresh = 0 AND counted AND nth > 1
