-- :p1 = 'denied'
-- :p2 = 2026-03-01 00:00:00+00:00
-- :p3 = 2026-03-17 15:43:00+00:00
SELECT
  CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.cost_avoided_usd) END AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_status <> :p1 AND (
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  )
LIMIT 1
