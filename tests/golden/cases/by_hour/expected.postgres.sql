-- $1 = 2026-03-16 06:00:00+00:00
-- $2 = 2026-03-16 12:00:00+00:00
SELECT
  DATE_TRUNC('HOUR', c.claim_open_ts AT TIME ZONE 'UTC') AS time,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= $1 AND c.claim_open_ts < $2
GROUP BY
  1
ORDER BY
  time ASC
LIMIT 1001
