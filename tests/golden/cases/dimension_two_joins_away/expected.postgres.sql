-- $1 = 'denied'
-- $2 = 2026-02-16 00:00:00+00:00
-- $3 = 2026-03-17 15:45:00+00:00
SELECT
  c3.plan_tier AS plan_tier,
  CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL AND c.claim_status <> $1) AS DOUBLE PRECISION) / NULLIF(CAST(COUNT(*) FILTER(WHERE
    NOT c.decision_ts IS NULL) AS DOUBLE PRECISION), 0) AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_coverage AS c2
  ON c.coverage_id = c2.coverage_id
LEFT JOIN l3_asurion.ev_coverage_plan AS c3
  ON c2.plan_id = c3.plan_id
WHERE
  (
    (
      NOT c.decision_ts IS NULL AND c.claim_status <> $1
    )
    OR NOT c.decision_ts IS NULL
  )
  AND (
    c.claim_open_ts >= $2 AND c.claim_open_ts < $3
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  c3.plan_tier COLLATE "C" ASC
LIMIT 1001
