SELECT run, type, day, count(*) AS lines, min(epoch) AS from_epoch, max(epoch) AS to_epoch
FROM parts
GROUP BY run, type, day
