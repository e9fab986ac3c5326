WITH flagged AS (
SELECT nth, false AS excluded, false AS skipped
FROM events AS e
WHERE NOT repeated AND epoch >= 1795255200000
)
SELECT count(CASE WHEN NOT skipped THEN 1 END) AS events,
  count(CASE WHEN NOT skipped AND nth > 1 THEN 1 END) AS late,
  count(CASE WHEN NOT skipped AND nth = 1 AND excluded THEN 1 END) AS excluded,
  count(CASE WHEN skipped AND nth = 1 AND NOT excluded THEN 1 END) AS restored
FROM flagged
