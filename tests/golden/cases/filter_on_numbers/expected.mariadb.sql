-- :p1 = 2022
-- :p2 = Decimal('0.25')
-- :p3 = 2
-- :p4 = False
-- :p5 = 2026-03-11 00:00:00+00:00
-- :p6 = 2026-03-17 15:45:00+00:00
SELECT
  p.model_year AS model_year,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  p.model_year >= :p1
  AND c.fraud_score < :p2
  AND c.prior_claims <= :p3
  AND c.is_fraud_suspected = :p4
  AND (
    c.claim_open_ts >= :p5 AND c.claim_open_ts < :p6
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN p.model_year IS NULL THEN 1 ELSE 0 END,
  p.model_year ASC
LIMIT 1001
