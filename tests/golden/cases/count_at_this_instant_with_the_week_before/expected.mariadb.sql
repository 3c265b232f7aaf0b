-- :p1 = 2026-03-17 15:43:00+00:00
-- :p2 = 2026-03-10 15:43:00+00:00
SELECT
  COUNT(
    CASE
      WHEN c.work_started_ts < :p1
      AND (
        c.work_ended_ts IS NULL OR c.work_ended_ts >= :p1
      )
      THEN 1
    END
  ) AS value,
  COUNT(
    CASE
      WHEN c.work_started_ts < :p2
      AND (
        c.work_ended_ts IS NULL OR c.work_ended_ts >= :p2
      )
      THEN 1
    END
  ) AS previous
FROM l3_asurion.ev_claim AS c
WHERE
  (
    c.work_started_ts < :p1
    AND (
      c.work_ended_ts IS NULL OR c.work_ended_ts >= :p1
    )
  )
  OR (
    c.work_started_ts < :p2
    AND (
      c.work_ended_ts IS NULL OR c.work_ended_ts >= :p2
    )
  )
LIMIT 1
