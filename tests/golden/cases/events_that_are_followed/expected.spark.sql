-- :p1 = 2026-03-09 00:00:00+00:00
-- :p2 = 'West'
-- :p3 = 2026-03-17 15:45:00+00:00
-- :p4 = 2026-03-31 15:45:00+00:00
-- :p5 = 2026-02-23 00:00:00+00:00
-- :p6 = 2026-03-03 15:45:00+00:00
-- :p7 = 2026-03-17 15:45:00+00:00
WITH leg1 AS (
  SELECT
    CAST(DATE_TRUNC(
      'WEEK',
      CASE
        WHEN stream.c_claim_open_ts < :p1
        THEN (
          FROM_UTC_TIMESTAMP(CAST(stream.c_claim_open_ts AS TIMESTAMP), 'UTC')
        ) + INTERVAL '14' DAY
        ELSE FROM_UTC_TIMESTAMP(CAST(stream.c_claim_open_ts AS TIMESTAMP), 'UTC')
      END
    ) AS DATE) AS time,
    stream.c2_segment AS made_by,
    CAST(CAST(SUM(
      CASE
        WHEN (
          CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
        ) < 1209600
        THEN CAST((
          CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
        ) AS DECIMAL(18, 6))
      END
    ) AS DOUBLE) / NULLIF(
      CAST(COUNT(
        CASE
          WHEN (
            CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
          ) < 1209600
          THEN CAST((
            CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
          ) AS DECIMAL(18, 6))
        END
      ) AS DOUBLE),
      0
    ) AS DOUBLE) / NULLIF(CAST(86400 AS DOUBLE), 0) AS m1
  FROM (
    SELECT
      c2_segment AS c2_segment,
      c_claim_open_ts AS c_claim_open_ts,
      c_region AS c_region,
      _step AS _step,
      _at AS _at,
      _key1 AS _key1,
      _episode AS _episode,
      MIN(CASE WHEN _step = 2 THEN _at END) OVER (PARTITION BY _key1, _episode) AS _ended
    FROM (
      SELECT
        c2_segment AS c2_segment,
        c_claim_open_ts AS c_claim_open_ts,
        c_region AS c_region,
        _step AS _step,
        _at AS _at,
        _key1 AS _key1,
        COUNT(CASE WHEN _step = 1 THEN 1 END) OVER (
          PARTITION BY _key1
          ORDER BY _at NULLS LAST, _rank NULLS LAST, _order1 ASC NULLS LAST
        ) AS _episode
      FROM (
        SELECT
          c2.segment AS c2_segment,
          c.claim_open_ts AS c_claim_open_ts,
          c.region AS c_region,
          1 AS _step,
          1 AS _rank,
          c.claim_open_ts AS _at,
          c.claim_id AS _key1,
          c.claim_id AS _order1
        FROM l3_asurion.ev_claim AS c
        LEFT JOIN l3_asurion.ev_customer AS c2
          ON c.customer_id = c2.customer_id
        WHERE
          c.claim_open_ts >= :p1 AND c.claim_open_ts < :p4
        UNION ALL
        SELECT
          NULL AS c2_segment,
          NULL AS c_claim_open_ts,
          NULL AS c_region,
          2 AS _step,
          2 AS _rank,
          r.received_ts AS _at,
          r.claim_id AS _key1,
          NULL AS _order1
        FROM l3_asurion.ev_repair_order AS r
        WHERE
          NOT r.is_rework
          AND NOT r.claim_id IS NULL
          AND r.received_ts >= :p1
          AND r.received_ts < :p4
      ) AS events
    ) AS step2
  ) AS stream
  WHERE
    (
      (
        stream.c_region <> :p2 OR stream.c_region IS NULL
      )
      AND (
        stream.c_claim_open_ts >= :p1 AND stream.c_claim_open_ts < :p3
      )
    )
    AND stream._step = 1
  GROUP BY
    1,
    2
), leg2 AS (
  SELECT
    CAST(DATE_TRUNC(
      'WEEK',
      CASE
        WHEN stream.c_claim_open_ts < :p1
        THEN (
          FROM_UTC_TIMESTAMP(CAST(stream.c_claim_open_ts AS TIMESTAMP), 'UTC')
        ) + INTERVAL '14' DAY
        ELSE FROM_UTC_TIMESTAMP(CAST(stream.c_claim_open_ts AS TIMESTAMP), 'UTC')
      END
    ) AS DATE) AS time,
    stream.c2_segment AS made_by,
    CAST(CAST(SUM(
      CASE
        WHEN (
          CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
        ) < 1209600
        THEN CAST((
          CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
        ) AS DECIMAL(18, 6))
      END
    ) AS DOUBLE) / NULLIF(
      CAST(COUNT(
        CASE
          WHEN (
            CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
          ) < 1209600
          THEN CAST((
            CAST(UNIX_MICROS(CAST(stream._ended AS TIMESTAMP)) - UNIX_MICROS(CAST(stream.c_claim_open_ts AS TIMESTAMP)) AS DOUBLE) / 1000000
          ) AS DECIMAL(18, 6))
        END
      ) AS DOUBLE),
      0
    ) AS DOUBLE) / NULLIF(CAST(86400 AS DOUBLE), 0) AS m1_previous
  FROM (
    SELECT
      c2_segment AS c2_segment,
      c_claim_open_ts AS c_claim_open_ts,
      c_region AS c_region,
      _step AS _step,
      _at AS _at,
      _key1 AS _key1,
      _episode AS _episode,
      MIN(CASE WHEN _step = 2 THEN _at END) OVER (PARTITION BY _key1, _episode) AS _ended
    FROM (
      SELECT
        c2_segment AS c2_segment,
        c_claim_open_ts AS c_claim_open_ts,
        c_region AS c_region,
        _step AS _step,
        _at AS _at,
        _key1 AS _key1,
        COUNT(CASE WHEN _step = 1 THEN 1 END) OVER (
          PARTITION BY _key1
          ORDER BY _at NULLS LAST, _rank NULLS LAST, _order1 ASC NULLS LAST
        ) AS _episode
      FROM (
        SELECT
          c2.segment AS c2_segment,
          c.claim_open_ts AS c_claim_open_ts,
          c.region AS c_region,
          1 AS _step,
          1 AS _rank,
          c.claim_open_ts AS _at,
          c.claim_id AS _key1,
          c.claim_id AS _order1
        FROM l3_asurion.ev_claim AS c
        LEFT JOIN l3_asurion.ev_customer AS c2
          ON c.customer_id = c2.customer_id
        WHERE
          c.claim_open_ts >= :p5 AND c.claim_open_ts < :p7
        UNION ALL
        SELECT
          NULL AS c2_segment,
          NULL AS c_claim_open_ts,
          NULL AS c_region,
          2 AS _step,
          2 AS _rank,
          r.received_ts AS _at,
          r.claim_id AS _key1,
          NULL AS _order1
        FROM l3_asurion.ev_repair_order AS r
        WHERE
          NOT r.is_rework
          AND NOT r.claim_id IS NULL
          AND r.received_ts >= :p5
          AND r.received_ts < :p7
      ) AS events
    ) AS step2
  ) AS stream
  WHERE
    (
      (
        stream.c_region <> :p2 OR stream.c_region IS NULL
      )
      AND (
        stream.c_claim_open_ts >= :p5 AND stream.c_claim_open_ts < :p6
      )
    )
    AND stream._step = 1
  GROUP BY
    1,
    2
)
SELECT
  u.time AS time,
  u.made_by AS made_by,
  MAX(u.m1) AS value,
  MAX(u.m1_previous) AS previous
FROM (
  SELECT
    time,
    made_by,
    m1 AS m1,
    CAST(NULL AS DOUBLE) AS m1_previous
  FROM leg1
  UNION ALL
  SELECT
    time,
    made_by,
    CAST(NULL AS DOUBLE) AS m1,
    m1_previous AS m1_previous
  FROM leg2
) AS u
GROUP BY
  1,
  2
ORDER BY
  time ASC NULLS LAST,
  made_by ASC NULLS LAST
LIMIT 1001
