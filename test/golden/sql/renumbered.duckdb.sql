WITH again AS MATERIALIZED (
  SELECT id FROM events AS a WHERE type IS NOT NULL AND hash(id) % 8 = 3 GROUP BY id HAVING count(*) > 1 OR max(nth) > 1 OR max(CASE WHEN repeated THEN 1 ELSE 0 END) = 1
)
SELECT 'r1' AS run, epoch, shard, seq, line, source, id, data, t0, type, day, repeated,
  row_number() OVER (PARTITION BY type, day, source, id ORDER BY epoch, shard, length(seq), seq, line, repeated) AS nth
FROM events AS c WHERE type IS NOT NULL AND hash(id) % 8 = 3 AND id IN (SELECT id FROM again)
