-- $1 = 'denied'
-- $2 = 2026-02-16 00:00:00+00:00
-- $3 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) FILTER(WHERE
    c.claim_status = $1) AS claim_denials,
  COUNT(DISTINCT c.claim_id) AS claim_volume_l3_asurion
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= $2 AND c.claim_open_ts < $3
GROUP BY
  1
ORDER BY
  c.region COLLATE "C" DESC NULLS LAST
LIMIT 1001
