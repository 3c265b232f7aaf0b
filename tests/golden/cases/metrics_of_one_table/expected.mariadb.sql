-- :p1 = 'denied'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(CASE WHEN c.claim_status = :p1 THEN 1 END) AS claim_denials,
  SUM(c.approved_amount_usd) AS claim_cost_30d,
  CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL AND c.claim_status <> :p1 THEN 1 END) AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL THEN 1 END) AS DOUBLE), 0) AS claim_approval_rate
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
GROUP BY
  1
ORDER BY
  claim_denials DESC,
  CASE WHEN c.region IS NULL THEN 1 ELSE 0 END,
  c.region ASC
LIMIT 1001
