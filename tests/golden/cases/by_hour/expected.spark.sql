-- :p1 = 2026-03-16 06:00:00+00:00
-- :p2 = 2026-03-16 12:00:00+00:00
SELECT
  CAST(DATE_TRUNC('HOUR', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS TIMESTAMP_NTZ) AS time,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
GROUP BY
  1
ORDER BY
  time ASC NULLS LAST
LIMIT 1001
