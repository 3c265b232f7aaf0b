-- :p1 = 2026-03-17 15:43:00+00:00
SELECT
  i.priority AS priority,
  COUNT(*) AS value
FROM l3_asurion.ev_issue_session AS i
WHERE
  i.opened_ts < :p1 AND (
    i.closed_ts IS NULL OR i.closed_ts >= :p1
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN i.priority IS NULL THEN 1 ELSE 0 END,
  i.priority ASC
LIMIT 1001
