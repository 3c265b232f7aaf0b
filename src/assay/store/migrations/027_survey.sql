-- What a survey of a database would add to the workspace, until somebody chooses of it: names and definitions, no rows.

CREATE TABLE assay.survey (
    survey_id text PRIMARY KEY,
    document jsonb NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    taken_at timestamptz
);
