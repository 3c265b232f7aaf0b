-- :p1 = 'denied'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  c.channel AS channel,
  CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL AND c.claim_status <> :p1 THEN 1 END) AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL THEN 1 END) AS DOUBLE), 0) AS value
FROM l3_asurion.ev_claim AS c
WHERE
  (
    (
      NOT c.decision_ts IS NULL AND c.claim_status <> :p1
    )
    OR NOT c.decision_ts IS NULL
  )
  AND (
    c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN c.channel IS NULL THEN 1 ELSE 0 END,
  c.channel ASC
LIMIT 1001
