-- :p1 = 'West'
-- :p2 = 'Midwest'
-- :p3 = 'approved'
-- :p4 = 2026-02-16 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  p.category AS category,
  COUNT(DISTINCT c.claim_id) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  c.region IN (:p1, :p2)
  AND c.claim_status = :p3
  AND NOT p.manufacturer IS NULL
  AND (
    c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN p.category IS NULL THEN 1 ELSE 0 END,
  p.category ASC
LIMIT 1001
