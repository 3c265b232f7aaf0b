-- :p1 = 2026-03-11 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
WITH first AS (
  WITH leg1 AS (
    SELECT
      c.region AS region,
      COUNT(DISTINCT c.claim_id) AS m1
    FROM l3_asurion.ev_claim AS c
    WHERE
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
    GROUP BY
      1
  ), leg2 AS (
    SELECT
      i.region AS region,
      COUNT(*) AS m2
    FROM l3_asurion.ev_issue_session AS i
    WHERE
      i.opened_ts >= :p1 AND i.opened_ts < :p2
    GROUP BY
      1
  )
  SELECT
    u.region AS region,
    COALESCE(MAX(u.m1), 0) AS claim_volume_l3_asurion,
    CAST(COALESCE(MAX(u.m2), 0) AS DOUBLE) / NULLIF(CAST(COALESCE(MAX(u.m1), 0) AS DOUBLE), 0) AS sessions_per_claim,
    COUNT(*) OVER () AS _groups
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
    claim_volume_l3_asurion DESC,
    CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
    u.region ASC
  LIMIT 2
), rest AS (
  WITH rest_leg1 AS (
    SELECT
      COUNT(DISTINCT c.claim_id) AS m1
    FROM l3_asurion.ev_claim AS c
    WHERE
      NOT (c.region IS NULL, COALESCE(c.region, '')) IN (
        SELECT
          region IS NULL,
          COALESCE(region, '')
        FROM first
      )
      AND (
        c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
      )
  ), rest_leg2 AS (
    SELECT
      COUNT(*) AS m2
    FROM l3_asurion.ev_issue_session AS i
    WHERE
      NOT (i.region IS NULL, COALESCE(i.region, '')) IN (
        SELECT
          region IS NULL,
          COALESCE(region, '')
        FROM first
      )
      AND (
        i.opened_ts >= :p1 AND i.opened_ts < :p2
      )
  )
  SELECT
    MAX(u.m1) AS claim_volume_l3_asurion,
    CAST(MAX(u.m2) AS DOUBLE) / NULLIF(CAST(MAX(u.m1) AS DOUBLE), 0) AS sessions_per_claim
  FROM (
    SELECT
      m1 AS m1,
      CAST(NULL AS SIGNED) AS m2
    FROM rest_leg1
    UNION ALL
    SELECT
      CAST(NULL AS SIGNED) AS m1,
      m2 AS m2
    FROM rest_leg2
  ) AS u
)
SELECT
  u.region AS region,
  u.others AS others,
  u.claim_volume_l3_asurion AS claim_volume_l3_asurion,
  u.sessions_per_claim AS sessions_per_claim
FROM (
  SELECT
    region,
    CAST(NULL AS SIGNED) AS others,
    claim_volume_l3_asurion,
    sessions_per_claim
  FROM first
  UNION ALL
  SELECT
    NULL AS region,
    (
      SELECT
        MAX(_groups)
      FROM first
    ) - 2 AS others,
    claim_volume_l3_asurion,
    sessions_per_claim
  FROM rest
  WHERE
    (
      SELECT
        MAX(_groups)
      FROM first
    ) > 2
) AS u
ORDER BY
  CASE WHEN CASE WHEN u.others IS NULL THEN 0 ELSE 1 END IS NULL THEN 1 ELSE 0 END,
  CASE WHEN u.others IS NULL THEN 0 ELSE 1 END ASC,
  u.claim_volume_l3_asurion DESC,
  CASE WHEN u.region IS NULL THEN 1 ELSE 0 END,
  u.region ASC
LIMIT 3
