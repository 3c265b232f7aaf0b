-- :p1 = 'denied'
-- :p2 = 2026-03-01 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  CAST(CASE
    WHEN COUNT(CASE WHEN c.claim_status <> :p1 THEN 1 END) = 0
    THEN 0
    ELSE SUM(CASE WHEN c.claim_status <> :p1 THEN c.cost_avoided_usd END)
  END AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN c.cost_avoided_usd > 0 THEN 1 END) AS DOUBLE), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.claim_status <> :p1 OR c.cost_avoided_usd > 0
  )
  AND (
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  )
LIMIT 1
