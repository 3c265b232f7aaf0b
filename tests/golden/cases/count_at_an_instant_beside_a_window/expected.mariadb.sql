-- :p1 = 2026-03-17 15:43:00+00:00
-- :p2 = 2026-03-17 00:00:00+00:00
-- :p3 = 2026-03-17 15:43:00+00:00
WITH leg1 AS (
  SELECT
    i.region AS region,
    COUNT(*) AS m1
  FROM l3_asurion.ev_issue_session AS i
  WHERE
    i.opened_ts < :p1 AND (
      i.closed_ts IS NULL OR i.closed_ts >= :p1
    )
  GROUP BY
    1
), leg2 AS (
  SELECT
    i.region AS region,
    COUNT(*) AS m2
  FROM l3_asurion.ev_issue_session AS i
  WHERE
    i.opened_ts >= :p2 AND i.opened_ts < :p3
  GROUP BY
    1
)
SELECT
  u.region AS region,
  COALESCE(MAX(u.m1), 0) AS active_issues,
  COALESCE(MAX(u.m2), 0) AS sessions_by_channel
FROM (
  SELECT
    region,
    m1 AS m1,
    CAST(NULL AS SIGNED) AS m2
  FROM leg1
  UNION ALL
  SELECT
    region,
    CAST(NULL AS SIGNED) AS m1,
    m2 AS m2
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  active_issues DESC,
  CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
  u.region ASC
LIMIT 1001
