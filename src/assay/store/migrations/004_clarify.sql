-- Sessions of the clarifier: words, what was asked and answered since, and every event that was told. Kept for a week.

CREATE TABLE assay.clarify_session (
    session_id text PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('reading', 'asking', 'ready', 'refused', 'failed')),
    round integer NOT NULL,
    words text NOT NULL CHECK (length(words) <= 2000),
    document text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX clarify_session_by_age ON assay.clarify_session (updated_at);
