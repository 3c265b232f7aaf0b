-- $p1 = 'denied'
-- $p2 = 2026-02-02 00:00:00+00:00
-- $p3 = 2026-03-16 00:00:00+00:00
SELECT
  CAST(DATE_TRUNC('WEEK', c.claim_open_ts AT TIME ZONE 'UTC') AS DATE) AS time,
  COUNT(DISTINCT c.claim_id) AS claim_volume_l3_asurion,
  COUNT(*) FILTER(WHERE
    c.claim_status = $p1) AS claim_denials
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= $p2 AND c.claim_open_ts < $p3
GROUP BY
  1
ORDER BY
  time ASC
LIMIT 1001
