-- $1 = 'West'
-- $2 = 'Midwest'
-- $3 = 'approved'
-- $4 = 2026-02-16 00:00:00+00:00
-- $5 = 2026-03-17 15:45:00+00:00
SELECT
  p.category AS category,
  COUNT(DISTINCT c.claim_id) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  c.region IN ($1, $2)
  AND c.claim_status = $3
  AND NOT p.manufacturer IS NULL
  AND (
    c.claim_open_ts >= $4 AND c.claim_open_ts < $5
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  p.category COLLATE "C" ASC
LIMIT 1001
