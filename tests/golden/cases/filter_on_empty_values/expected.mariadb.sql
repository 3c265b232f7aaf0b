-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
SELECT
  c.claim_status AS claim_status,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  c.region IS NULL AND (
    c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.claim_status IS NULL THEN 1 ELSE 0 END,
  c.claim_status ASC
LIMIT 1001
