SELECT epoch, shard, seq, line, source, id, time, data, repeated, nth FROM events AS e
WHERE id = decode(unhex('27293b2044524f50205441424c45206576656e74733b202d2d')) AND source = decode(unhex('27293b2044524f50205441424c45206576656e74733b202d2d'))
ORDER BY epoch, length(seq), seq, shard, line
LIMIT 10
