-- :p1 = 'West'
-- :p2 = 2026-02-16 00:00:00+00:00
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = '2026-02-16 2026-02-16 2026-02-23,2026-02-23 2026-02-23 2026-03-02,2026-03-02 2026-03-02 2026-03-09,2026-03-09 2026-03-09 2026-03-16'
-- :p5 = 2026-03-16 00:00:00+00:00
WITH frames4 AS (
  SELECT
    CAST(SUBSTRING(item, 1, 10) AS DATE) AS time,
    CAST(SUBSTRING(item, 12, 10) AS DATE) AS begins,
    CAST(SUBSTRING(item, 23, 10) AS DATE) AS ends
  FROM (
    SELECT
      EXPLODE(SPLIT(NULLIF(:p4, ''), ',')) AS item
  ) AS items
)
SELECT
  CAST(DATE_TRUNC('WEEK', FROM_UTC_TIMESTAMP(CAST(stream.c_claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS time,
  CAST(stream._since AS BIGINT) AS weeks_since,
  CAST(COUNT(stream._returned) AS DOUBLE) / NULLIF(CAST(COUNT(*) AS DOUBLE), 0) AS claimed_again,
  COUNT(*) AS claiming_customers
FROM (
  SELECT
    c_claim_open_ts AS c_claim_open_ts,
    c_region AS c_region,
    _key1 AS _key1,
    _returned AS _returned,
    ROW_NUMBER() OVER (PARTITION BY _key1 ORDER BY _bucket NULLS LAST) - 1 AS _since
  FROM (
    SELECT
      frames4.time AS _bucket,
      members.c_claim_open_ts AS c_claim_open_ts,
      members.c_region AS c_region,
      members._key1 AS _key1,
      NULLIF(COUNT(CASE WHEN members._step = 2 THEN 1 END), 0) AS _returned
    FROM (
      SELECT
        FIRST_VALUE(c_claim_open_ts) OVER (
          PARTITION BY _key1
          ORDER BY _step NULLS LAST, _at NULLS LAST, _order1 ASC NULLS LAST
        ) AS c_claim_open_ts,
        FIRST_VALUE(c_region) OVER (
          PARTITION BY _key1
          ORDER BY _step NULLS LAST, _at NULLS LAST, _order1 ASC NULLS LAST
        ) AS c_region,
        FIRST_VALUE(CASE WHEN _step = 1 THEN _at END) OVER (
          PARTITION BY _key1
          ORDER BY _step NULLS LAST, _at NULLS LAST, _order1 ASC NULLS LAST
        ) AS _begun,
        ROW_NUMBER() OVER (
          PARTITION BY _key1
          ORDER BY _step NULLS LAST, _at NULLS LAST, _order1 ASC NULLS LAST
        ) AS _place,
        _step AS _step,
        _at AS _at,
        _day AS _day,
        _until AS _until,
        _key1 AS _key1
      FROM (
        SELECT
          c.claim_open_ts AS c_claim_open_ts,
          c.region AS c_region,
          1 AS _step,
          c.claim_open_ts AS _at,
          c.customer_id AS _key1,
          CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _day,
          CAST(DATE_TRUNC(
            'DAY',
            (
              FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')
            ) + INTERVAL '28' DAY
          ) AS DATE) AS _until,
          c.claim_id AS _order1
        FROM l3_asurion.ev_claim AS c
        WHERE
          NOT c.customer_id IS NULL AND c.claim_open_ts < :p3
        UNION ALL
        SELECT
          NULL AS c_claim_open_ts,
          NULL AS c_region,
          2 AS _step,
          c.claim_open_ts AS _at,
          c.customer_id AS _key1,
          CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _day,
          CAST(DATE_TRUNC('DAY', FROM_UTC_TIMESTAMP(CAST(c.claim_open_ts AS TIMESTAMP), 'UTC')) AS DATE) AS _until,
          NULL AS _order1
        FROM l3_asurion.ev_claim AS c
        WHERE
          NOT c.customer_id IS NULL AND c.claim_open_ts >= :p2 AND c.claim_open_ts < :p5
      ) AS events
    ) AS members
    JOIN frames4
      ON frames4.ends > members._day AND frames4.begins <= members._until
    WHERE
      members.c_claim_open_ts >= :p2
      AND members.c_claim_open_ts < :p3
      AND (
        (
          members._step = 1 AND members._place = 1
        )
        OR (
          members._step = 2 AND members._at >= members._begun
        )
      )
    GROUP BY
      1,
      2,
      3,
      4
  ) AS cells
) AS stream
WHERE
  (
    (
      stream.c_region <> :p1 OR stream.c_region IS NULL
    )
    AND (
      stream.c_claim_open_ts >= :p2 AND stream.c_claim_open_ts < :p3
    )
  )
  AND stream._since <= 3
GROUP BY
  1,
  2
ORDER BY
  time ASC NULLS LAST,
  weeks_since ASC NULLS LAST
LIMIT 1001
