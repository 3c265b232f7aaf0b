-- $1 = 2022
-- $2 = Decimal('0.25')
-- $3 = 2
-- $4 = False
-- $5 = 2026-03-11 00:00:00+00:00
-- $6 = 2026-03-17 15:45:00+00:00
SELECT
  p.model_year AS model_year,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  p.model_year >= $1
  AND c.fraud_score < $2
  AND c.prior_claims <= $3
  AND c.is_fraud_suspected = $4
  AND (
    c.claim_open_ts >= $5 AND c.claim_open_ts < $6
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  model_year ASC
LIMIT 1001
