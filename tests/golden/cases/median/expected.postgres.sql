-- $1 = 2026-03-11 00:00:00+00:00
-- $2 = 2026-03-17 15:45:00+00:00
SELECT
  i.priority AS priority,
  PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
    CAST(i.first_response_minutes AS DOUBLE PRECISION)) AS value
FROM l3_asurion.ev_issue_session AS i
WHERE
  i.opened_ts >= $1 AND i.opened_ts < $2
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  i.priority COLLATE "C" ASC
LIMIT 1001
