-- :p1 = 2026-03-11 00:00:00+00:00
-- :p2 = 2026-03-17 15:45:00+00:00
-- :p3 = 2026-03-04 00:00:00+00:00
-- :p4 = 2026-03-10 15:45:00+00:00
SELECT
  CAST(CASE
    WHEN c.claim_open_ts < :p1
    THEN c.claim_open_ts + INTERVAL '7' DAY
    ELSE c.claim_open_ts
  END AS DATE) AS time,
  s.channel AS channel,
  COUNT(CASE WHEN c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2 THEN 1 END) AS value,
  COUNT(CASE WHEN c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4 THEN 1 END) AS previous
FROM l3_asurion.ev_survey_response AS s
LEFT JOIN l3_asurion.ev_claim AS c
  ON s.claim_id = c.claim_id
WHERE
  (
    c.claim_amount_usd > 500 OR c.is_fraud_suspected
  )
  AND (
    (
      c.claim_open_ts >= :p1 AND c.claim_open_ts < :p2
    )
    OR (
      c.claim_open_ts >= :p3 AND c.claim_open_ts < :p4
    )
  )
GROUP BY
  1,
  2
ORDER BY
  CASE
    WHEN CAST(CASE
      WHEN c.claim_open_ts < :p1
      THEN c.claim_open_ts + INTERVAL '7' DAY
      ELSE c.claim_open_ts
    END AS DATE) IS NULL
    THEN 1
    ELSE 0
  END,
  CAST(CASE
    WHEN c.claim_open_ts < :p1
    THEN c.claim_open_ts + INTERVAL '7' DAY
    ELSE c.claim_open_ts
  END AS DATE) ASC,
  CASE WHEN s.channel IS NULL THEN 1 ELSE 0 END,
  s.channel ASC
LIMIT 1001
