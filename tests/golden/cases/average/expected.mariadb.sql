-- :p1 = 2026-02-16 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 2026-01-17 00:00:00+00:00
-- :p4 = 2026-02-15 15:45:00+00:00
SELECT
  s.language AS language,
  CAST(SUM(CASE WHEN s.responded_ts >= :p1 AND s.responded_ts < :p2 THEN s.csat_score END) AS DOUBLE) / NULLIF(
    CAST(COUNT(CASE WHEN s.responded_ts >= :p1 AND s.responded_ts < :p2 THEN s.csat_score END) AS DOUBLE),
    0
  ) AS value,
  CAST(SUM(CASE WHEN s.responded_ts >= :p3 AND s.responded_ts < :p4 THEN s.csat_score END) AS DOUBLE) / NULLIF(
    CAST(COUNT(CASE WHEN s.responded_ts >= :p3 AND s.responded_ts < :p4 THEN s.csat_score END) AS DOUBLE),
    0
  ) AS previous
FROM l3_asurion.ev_survey_response AS s
WHERE
  (
    s.responded_ts >= :p1 AND s.responded_ts < :p2
  )
  OR (
    s.responded_ts >= :p3 AND s.responded_ts < :p4
  )
GROUP BY
  1
ORDER BY
  value DESC,
  CASE WHEN s.language IS NULL THEN 1 ELSE 0 END,
  s.language ASC
LIMIT 1001
