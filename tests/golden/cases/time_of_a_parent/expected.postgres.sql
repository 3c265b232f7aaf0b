-- $1 = 2026-03-11 00:00:00+00:00
-- $2 = 2026-03-17 15:45:00+00:00
-- $3 = 2026-03-04 00:00:00+00:00
-- $4 = 2026-03-10 15:45:00+00:00
SELECT
  CAST(DATE_TRUNC(
    'DAY',
    CASE
      WHEN c.claim_open_ts < $1
      THEN (
        c.claim_open_ts AT TIME ZONE 'UTC'
      ) + INTERVAL '7 DAY'
      ELSE c.claim_open_ts AT TIME ZONE 'UTC'
    END
  ) AS DATE) AS time,
  s.channel AS channel,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= $1 AND c.claim_open_ts < $2) AS value,
  COUNT(*) FILTER(WHERE
    c.claim_open_ts >= $3 AND c.claim_open_ts < $4) AS previous
FROM l3_asurion.ev_survey_response AS s
LEFT JOIN l3_asurion.ev_claim AS c
  ON s.claim_id = c.claim_id
WHERE
  (
    c.claim_amount_usd > 500 OR c.is_fraud_suspected
  )
  AND (
    (
      c.claim_open_ts >= $1 AND c.claim_open_ts < $2
    )
    OR (
      c.claim_open_ts >= $3 AND c.claim_open_ts < $4
    )
  )
GROUP BY
  1,
  2
ORDER BY
  time ASC,
  s.channel COLLATE "C" ASC
LIMIT 1001
