-- :p1 = 2026-03-11 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
SELECT
  i.priority AS priority,
  PERCENTILE(CAST(i.first_response_minutes AS DOUBLE), 0.5) AS value
FROM l3_asurion.ev_issue_session AS i
WHERE
  i.opened_ts >= :p1 AND i.opened_ts < :p2
GROUP BY
  1
ORDER BY
  value DESC,
  priority ASC NULLS LAST
LIMIT 1001
