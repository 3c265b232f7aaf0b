-- :p1 = 'Texas'
-- :p2 = 'Ohio'
-- :p3 = 2026-03-11 00:00:00+00:00
-- :p4 = 2026-03-17 15:45:00+00:00
SELECT
  c2.segment AS made_by,
  c3.segment AS owned_by,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_customer AS c2
  ON c.customer_id = c2.customer_id
LEFT JOIN l3_asurion.ev_device AS d
  ON c.device_id = d.device_id
LEFT JOIN l3_asurion.ev_customer AS c3
  ON d.customer_id = c3.customer_id
LEFT JOIN l3_asurion.ref_state AS s
  ON c3.state_code = s.state_code
WHERE
  (
    c2.state_code = c3.state_code OR c.prior_claims > 1
  )
  AND (
    NOT s.state_name IN (:p1, :p2) OR s.state_name IS NULL
  )
  AND (
    c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
  )
GROUP BY
  1,
  2
ORDER BY
  value DESC,
  CASE WHEN c2.segment IS NULL THEN 1 ELSE 0 END,
  c2.segment ASC,
  CASE WHEN c3.segment IS NULL THEN 1 ELSE 0 END,
  c3.segment ASC
LIMIT 1001
