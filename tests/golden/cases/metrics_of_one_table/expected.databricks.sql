-- :p1 = 'denied'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) FILTER(WHERE
    c.claim_status = :p1) AS claim_denials,
  SUM(c.approved_amount_usd) AS claim_cost_30d,
  CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL AND c.claim_status <> :p1) AS DOUBLE) / NULLIF(CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL) AS DOUBLE), 0) AS claim_approval_rate
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
GROUP BY
  1
ORDER BY
  claim_denials DESC,
  region ASC NULLS LAST
LIMIT 1001
