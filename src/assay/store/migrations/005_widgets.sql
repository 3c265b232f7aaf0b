-- What was made on the screen: saved widgets, dashboards without a file, drafts of metrics. Deleted means kept for a while.

CREATE TABLE assay.widget (
    widget_id text PRIMARY KEY,
    version integer NOT NULL,
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

ALTER TABLE assay.dashboard
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN is_of_screen boolean NOT NULL DEFAULT false,
    ADD COLUMN deleted_at timestamptz;

CREATE TABLE assay.metric_draft (
    draft_id text PRIMARY KEY,
    words text,
    metric_id text NOT NULL,
    document jsonb NOT NULL,
    file text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz,
    accepted_by text,
    dropped_at timestamptz
);
CREATE INDEX draft_by_age ON assay.metric_draft (created_at DESC);
