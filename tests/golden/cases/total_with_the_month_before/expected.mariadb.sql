-- :p1 = 2026-03-01 00:00:00+00:00
-- :p2 = 2026-03-17 15:43:00+00:00
-- :p3 = 2026-02-01 00:00:00+00:00
-- :p4 = 2026-02-17 15:43:00+00:00
-- :p5 = 'denied'
SELECT
  CASE
    WHEN COUNT(CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2 THEN 1 END) = 0
    THEN 0
    ELSE SUM(
      CASE
        WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
        THEN c.cost_avoided_usd
      END
    )
  END AS value,
  CASE
    WHEN COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) = 0
    THEN 0
    ELSE SUM(
      CASE
        WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
        THEN c.cost_avoided_usd
      END
    )
  END AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  c.claim_status <> :p5
  AND (
    (
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
    )
    OR (
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
    )
  )
LIMIT 1
