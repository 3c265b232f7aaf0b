-- :p1 = 'denied'
-- :p2 = 'West'
-- :p3 = 2026-03-02 00:00:00+00:00
-- :p4 = 2026-03-16 00:00:00+00:00
SELECT
  CASE
    WHEN COUNT(CASE WHEN c.claim_status <> :p1 THEN 1 END) = 0
    THEN 0
    ELSE SUM(CASE WHEN c.claim_status <> :p1 THEN c.cost_avoided_usd END)
  END AS cost_avoided_mtd,
  CAST(COUNT(DISTINCT c.claim_id) AS DOUBLE) / NULLIF(CAST(COUNT(DISTINCT c.customer_id) AS DOUBLE), 0) AS claims_per_claimant
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_amount_usd >= 300
  AND (
    c.region <> :p2 OR c.region IS NULL
  )
  AND (
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
  )
LIMIT 1
