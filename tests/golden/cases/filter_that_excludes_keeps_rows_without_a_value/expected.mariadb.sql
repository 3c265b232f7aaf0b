-- :p1 = 'West'
-- :p2 = 'Southeast'
-- :p3 = 'app'
-- :p4 = 2026-02-16 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  c.region AS region,
  COUNT(*) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    NOT c.region IN (:p1, :p2) OR c.region IS NULL
  )
  AND (
    c.channel <> :p3 OR c.channel IS NULL
  )
  AND (
    c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.region IS NULL THEN 1 ELSE 0 END,
  c.region ASC
LIMIT 1001
