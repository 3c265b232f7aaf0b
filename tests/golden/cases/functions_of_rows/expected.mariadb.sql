-- :p1 = 'w%'
-- :p2 = '%t'
-- :p3 = 2000-01-01
-- :p4 = 2026-03-11 00:00:00+00:00
-- :p5 = 2026-03-17 15:45:00+00:00
SELECT
  CASE
    WHEN COUNT(
      CASE
        WHEN REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(
                  REPLACE(
                    REPLACE(
                      REPLACE(
                        REPLACE(
                          REPLACE(
                            REPLACE(
                              REPLACE(
                                REPLACE(
                                  REPLACE(
                                    REPLACE(
                                      REPLACE(
                                        REPLACE(
                                          REPLACE(
                                            REPLACE(
                                              REPLACE(
                                                REPLACE(
                                                  REPLACE(
                                                    REPLACE(REPLACE(REPLACE(REPLACE(c.channel, 'A', 'a'), 'B', 'b'), 'C', 'c'), 'D', 'd'),
                                                    'E',
                                                    'e'
                                                  ),
                                                  'F',
                                                  'f'
                                                ),
                                                'G',
                                                'g'
                                              ),
                                              'H',
                                              'h'
                                            ),
                                            'I',
                                            'i'
                                          ),
                                          'J',
                                          'j'
                                        ),
                                        'K',
                                        'k'
                                      ),
                                      'L',
                                      'l'
                                    ),
                                    'M',
                                    'm'
                                  ),
                                  'N',
                                  'n'
                                ),
                                'O',
                                'o'
                              ),
                              'P',
                              'p'
                            ),
                            'Q',
                            'q'
                          ),
                          'R',
                          'r'
                        ),
                        'S',
                        's'
                      ),
                      'T',
                      't'
                    ),
                    'U',
                    'u'
                  ),
                  'V',
                  'v'
                ),
                'W',
                'w'
              ),
              'X',
              'x'
            ),
            'Y',
            'y'
          ),
          'Z',
          'z'
        ) LIKE :p1
        OR c.region LIKE :p2 ESCAPE '!'
        THEN 1
      END
    ) = 0
    THEN 0
    ELSE SUM(
      CASE
        WHEN REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(
                  REPLACE(
                    REPLACE(
                      REPLACE(
                        REPLACE(
                          REPLACE(
                            REPLACE(
                              REPLACE(
                                REPLACE(
                                  REPLACE(
                                    REPLACE(
                                      REPLACE(
                                        REPLACE(
                                          REPLACE(
                                            REPLACE(
                                              REPLACE(
                                                REPLACE(
                                                  REPLACE(
                                                    REPLACE(REPLACE(REPLACE(REPLACE(c.channel, 'A', 'a'), 'B', 'b'), 'C', 'c'), 'D', 'd'),
                                                    'E',
                                                    'e'
                                                  ),
                                                  'F',
                                                  'f'
                                                ),
                                                'G',
                                                'g'
                                              ),
                                              'H',
                                              'h'
                                            ),
                                            'I',
                                            'i'
                                          ),
                                          'J',
                                          'j'
                                        ),
                                        'K',
                                        'k'
                                      ),
                                      'L',
                                      'l'
                                    ),
                                    'M',
                                    'm'
                                  ),
                                  'N',
                                  'n'
                                ),
                                'O',
                                'o'
                              ),
                              'P',
                              'p'
                            ),
                            'Q',
                            'q'
                          ),
                          'R',
                          'r'
                        ),
                        'S',
                        's'
                      ),
                      'T',
                      't'
                    ),
                    'U',
                    'u'
                  ),
                  'V',
                  'v'
                ),
                'W',
                'w'
              ),
              'X',
              'x'
            ),
            'Y',
            'y'
          ),
          'Z',
          'z'
        ) LIKE :p1
        OR c.region LIKE :p2 ESCAPE '!'
        THEN ROUND(c.claim_amount_usd, 1) + FLOOR(c.fraud_score * 10)
      END
    )
  END + CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(c.prior_claims % NULLIF(2, 0)) END + MAX(
    (
      CAST(TIMESTAMPDIFF(
        MICROSECOND,
        CASE
          WHEN c.claim_open_ts BETWEEN CAST('0001-01-01' AS DATETIME(6)) AND CAST('9999-12-31' AS DATETIME(6))
          THEN c.claim_open_ts
        END,
        CASE
          WHEN c.decision_ts BETWEEN CAST('0001-01-01' AS DATETIME(6)) AND CAST('9999-12-31' AS DATETIME(6))
          THEN c.decision_ts
        END
      ) AS DOUBLE) / 1000000
    )
  ) + COUNT(DISTINCT c.channel, c.region) + CASE
    WHEN COUNT(*) = 0
    THEN 0
    ELSE SUM(LEAST(COALESCE(c.prior_claims, 3), COALESCE(3, c.prior_claims)))
  END + CASE
    WHEN COUNT(*) = 0
    THEN 0
    ELSE SUM(CHAR_LENGTH(TRIM(BOTH ' ' FROM (
      CONCAT(c.channel, c.region)
    ))))
  END AS value
FROM l3_asurion.ev_claim AS c
LEFT JOIN l3_asurion.ev_product_catalog AS p
  ON c.product_id = p.product_id
WHERE
  (
    p.release_date IS NULL
    OR (
      CAST(WEEKDAY(
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END
      ) + 1 AS SIGNED) < 6
      AND CAST(EXTRACT(YEAR FROM CASE
        WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
        THEN p.release_date
      END) AS SIGNED) > 2000
      AND CASE
        WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
        THEN SUBDATE(CAST(p.release_date AS DATE), EXTRACT(DAY FROM p.release_date) - 1)
      END >= :p3
      AND DATEDIFF(
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END,
        CASE
          WHEN p.release_date BETWEEN CAST('0001-01-01' AS DATE) AND CAST('9999-12-31' AS DATE)
          THEN p.release_date
        END
      ) = 0
    )
  )
  AND (
    c.claim_open_ts >= :p4 AND c.claim_open_ts < :p5
  )
LIMIT 1
