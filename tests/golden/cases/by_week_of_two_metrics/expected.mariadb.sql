-- :p1 = 'denied'
-- :p2 = 2026-02-02 00:00:00+00:00
-- :p3 = 2026-03-16 00:00:00+00:00
SELECT
  SUBDATE(CAST(c.claim_open_ts AS DATE), WEEKDAY(c.claim_open_ts)) AS time,
  COUNT(DISTINCT c.claim_id) AS claim_volume_l3_asurion,
  COUNT(CASE WHEN c.claim_status = :p1 THEN 1 END) AS claim_denials
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
GROUP BY
  1
ORDER BY
  CASE
    WHEN SUBDATE(CAST(c.claim_open_ts AS DATE), WEEKDAY(c.claim_open_ts)) IS NULL
    THEN 1
    ELSE 0
  END,
  SUBDATE(CAST(c.claim_open_ts AS DATE), WEEKDAY(c.claim_open_ts)) ASC
LIMIT 1001
