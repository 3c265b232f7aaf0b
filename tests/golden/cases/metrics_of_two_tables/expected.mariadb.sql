-- :p1 = 2026-03-11 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 2026-03-04 00:00:00+00:00
-- :p4 = 2026-03-10 15:45:00+00:00
WITH leg1 AS (
  SELECT
    c.channel AS channel,
    COUNT(
      DISTINCT CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2 THEN c.claim_id END
    ) AS m1,
    COUNT(
      DISTINCT CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN c.claim_id END
    ) AS m1_previous
  FROM l3_asurion.ev_claim AS c
  WHERE
    (
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
    )
    OR (
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
    )
  GROUP BY
    1
), leg2 AS (
  SELECT
    i.channel AS channel,
    COUNT(CASE WHEN i.opened_ts >= :p1 AND i.opened_ts < :p2 THEN 1 END) AS m2,
    COUNT(CASE WHEN i.opened_ts >= :p3 AND i.opened_ts < :p4 THEN 1 END) AS m2_previous
  FROM l3_asurion.ev_issue_session AS i
  WHERE
    (
      i.opened_ts >= :p1 AND i.opened_ts < :p2
    )
    OR (
      i.opened_ts >= :p3 AND i.opened_ts < :p4
    )
  GROUP BY
    1
)
SELECT
  u.channel AS channel,
  COALESCE(MAX(u.m1), 0) AS claim_volume_l3_asurion,
  COALESCE(MAX(u.m2), 0) AS sessions_by_channel,
  COALESCE(MAX(u.m1_previous), 0) AS previous_claim_volume_l3_asurion,
  COALESCE(MAX(u.m2_previous), 0) AS previous_sessions_by_channel
FROM (
  SELECT
    channel,
    m1 AS m1,
    m1_previous AS m1_previous,
    CAST(NULL AS SIGNED) AS m2,
    CAST(NULL AS SIGNED) AS m2_previous
  FROM leg1
  UNION ALL
  SELECT
    channel,
    CAST(NULL AS SIGNED) AS m1,
    CAST(NULL AS SIGNED) AS m1_previous,
    m2 AS m2,
    m2_previous AS m2_previous
  FROM leg2
) AS u
GROUP BY
  1
ORDER BY
  claim_volume_l3_asurion DESC,
  CASE WHEN u.channel IS NULL THEN 1 ELSE 0 END,
  u.channel ASC
LIMIT 1001
