-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
SELECT
  p.manufacturer AS manufacturer,
  p.product_line AS product_line,
  COUNT(DISTINCT c.claim_id) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
GROUP BY
  1,
  2
ORDER BY
  value DESC,
  CASE WHEN p.manufacturer IS NULL THEN 1 ELSE 0 END,
  p.manufacturer ASC,
  CASE WHEN p.product_line IS NULL THEN 1 ELSE 0 END,
  p.product_line ASC
LIMIT 5
