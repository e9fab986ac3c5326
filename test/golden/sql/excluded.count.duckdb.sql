WITH flagged AS (
SELECT nth, ((md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('0cc175b9c0f1b6a831c399e269772661', '4f0d6f5ac7e93103d582e012ae00feed'))
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000)) AS excluded, ((md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND time >= '2015-09-12T00:00:00.000Z' AND time < '2015-09-13T00:00:00.000Z' AND epoch >= 1795255200000)
  OR (md5(source) = '5cac1d0f8bfbc4332caa2083e2c56d6b' AND md5(id) IN ('92eb5ffee6ae2fec3ad71c777531578f') AND epoch >= 1795255200000 AND epoch < 1795258800000)) AS skipped
FROM events AS e
WHERE NOT repeated AND epoch >= 1795255200000
)
SELECT count(CASE WHEN NOT skipped THEN 1 END) AS events,
  count(CASE WHEN NOT skipped AND nth > 1 THEN 1 END) AS late,
  count(CASE WHEN NOT skipped AND nth = 1 AND excluded THEN 1 END) AS excluded,
  count(CASE WHEN skipped AND nth = 1 AND NOT excluded THEN 1 END) AS restored
FROM flagged
