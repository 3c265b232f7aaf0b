-- :p1 = 'pending'
-- :p2 = 'denied'
-- :p3 = 2026-01-01 00:00:00+00:00
-- :p4 = 2026-01-01 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  c.channel AS channel,
  CAST(SUM(c.claim_amount_usd - c.deductible_usd) AS DOUBLE) / NULLIF(CAST(COUNT(DISTINCT c.customer_id) AS DOUBLE), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT c.claim_status IN (:p1, :p2) AND c.claim_open_ts >= :p3
  )
  AND (
    c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.channel IS NULL THEN 1 ELSE 0 END,
  c.channel ASC
LIMIT 1001
