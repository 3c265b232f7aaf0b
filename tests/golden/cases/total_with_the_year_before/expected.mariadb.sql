-- :p1 = 'repair'
-- :p2 = 2026-02-01 00:00:00+00:00
-- :p3 = 2026-03-01 00:00:00+00:00
-- :p4 = 2025-02-01 00:00:00+00:00
-- :p5 = 2025-03-01 00:00:00+00:00
-- :p6 = 'replacement'
SELECT
  CAST(COUNT(
    CASE
      WHEN c.resolution = :p1 AND (
        c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
      )
      THEN 1
    END
  ) AS DOUBLE) / NULLIF(
    CAST(COUNT(
      CASE
        WHEN c.resolution IN (:p1, :p6)
        AND (
          c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
        )
        THEN 1
      END
    ) AS DOUBLE),
    0
  ) AS value,
  CAST(COUNT(
    CASE
      WHEN c.resolution = :p1 AND (
        c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
      )
      THEN 1
    END
  ) AS DOUBLE) / NULLIF(
    CAST(COUNT(
      CASE
        WHEN c.resolution IN (:p1, :p6)
        AND (
          c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
        )
        THEN 1
      END
    ) AS DOUBLE),
    0
  ) AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.resolution = :p1 OR c.resolution IN (:p1, :p6)
  )
  AND (
    (
      c.claim_open_ts >= :p2 AND c.claim_open_ts < :p3
    )
    OR (
      c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
    )
  )
LIMIT 1
