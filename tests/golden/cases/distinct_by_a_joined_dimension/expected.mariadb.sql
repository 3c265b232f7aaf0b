-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
SELECT
  c2.segment AS segment,
  COUNT(DISTINCT c.customer_id) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_customer AS c2
  ON c.customer_id = c2.customer_id
WHERE
  c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c2.segment IS NULL THEN 1 ELSE 0 END,
  c2.segment ASC
LIMIT 1001
