-- :p1 = 'denied'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
SELECT
  c3.plan_tier AS plan_tier,
  CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL AND c.claim_status <> :p1 THEN 1 END) AS DOUBLE) / NULLIF(CAST(COUNT(CASE WHEN NOT c.decision_ts IS NULL THEN 1 END) AS DOUBLE), 0) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_coverage AS c2
  ON c.coverage_id = c2.coverage_id
LEFT JOIN l3_asurion.ev_coverage_plan AS c3
  ON c2.plan_id = c3.plan_id
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
  CASE WHEN c3.plan_tier IS NULL THEN 1 ELSE 0 END,
  c3.plan_tier ASC
LIMIT 1001
