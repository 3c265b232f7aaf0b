-- $1 = 2026-02-16 00:00:00+00:00
-- $2 = 2026-03-17 15:45:00+00:00
-- $3 = 2026-01-17 00:00:00+00:00
-- $4 = 2026-02-15 15:45:00+00:00
SELECT
  s.language AS language,
  CAST(SUM(s.csat_score) FILTER(WHERE
    s.responded_ts >= $1 AND s.responded_ts < $2) AS DOUBLE PRECISION) / NULLIF(
    CAST(COUNT(s.csat_score) FILTER(WHERE
      s.responded_ts >= $1 AND s.responded_ts < $2) AS DOUBLE PRECISION),
    0
  ) AS value,
  CAST(SUM(s.csat_score) FILTER(WHERE
    s.responded_ts >= $3 AND s.responded_ts < $4) AS DOUBLE PRECISION) / NULLIF(
    CAST(COUNT(s.csat_score) FILTER(WHERE
      s.responded_ts >= $3 AND s.responded_ts < $4) AS DOUBLE PRECISION),
    0
  ) AS previous
FROM l3_asurion.ev_survey_response AS s
WHERE
  (
    s.responded_ts >= $1 AND s.responded_ts < $2
  )
  OR (
    s.responded_ts >= $3 AND s.responded_ts < $4
  )
GROUP BY
  1
ORDER BY
  value DESC NULLS LAST,
  s.language COLLATE "C" ASC
LIMIT 1001
