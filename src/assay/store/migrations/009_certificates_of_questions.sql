-- A certificate of one very question: the key tells which, whatever the bounds that its window has at the moment.

ALTER TABLE assay.parity_certificate ADD COLUMN question_key text;
CREATE INDEX certificate_of_question ON assay.parity_certificate (metric_id, question_key, created_at DESC)
    WHERE question_key IS NOT NULL;
