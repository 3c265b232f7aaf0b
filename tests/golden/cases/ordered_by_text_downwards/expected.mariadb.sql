-- :p1 = 'denied'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(CASE WHEN c.claim_status = :p1 THEN 1 END) AS claim_denials,
  COUNT(DISTINCT c.claim_id) AS claim_volume_l3_asurion
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
GROUP BY
  1
ORDER BY
  region DESC
LIMIT 1001
