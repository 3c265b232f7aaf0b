-- :p1 = 2026-03-12 00:00:00+00:00
-- :p2 = 2024-01-01
-- :p3 = 2026-03-11 00:00:00+00:00
-- :p4 = 2026-03-17 15:45:00+00:00
SELECT
  c.is_fraud_suspected AS is_fraud_suspected,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  c.decision_ts > :p1
  AND p.release_date < :p2
  AND (
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.is_fraud_suspected IS NULL THEN 1 ELSE 0 END,
  c.is_fraud_suspected ASC
LIMIT 1001
