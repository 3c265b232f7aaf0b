-- The closed loop: every event taken, every decision with its inputs, every effect once, and every row it touched.

CREATE TABLE assay.event (
    event_id text PRIMARY KEY,
    type text NOT NULL,
    source text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    payload jsonb NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('recorded', 'alerted', 'recommended', 'joined', 'unmatched', 'no_action')),
    detail text,
    recommendation_id text
);
-- Most events are only written down; those that something came of are looked up by time.
CREATE INDEX event_that_led_somewhere ON assay.event (received_at DESC) WHERE outcome <> 'recorded';
CREATE INDEX event_by_age ON assay.event USING brin (received_at);

CREATE TABLE assay.recommendation (
    recommendation_id text PRIMARY KEY,
    event_id text NOT NULL UNIQUE REFERENCES assay.event,
    subject text NOT NULL,
    action text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'approved', 'dismissed', 'superseded')),
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    dismiss_reason text,
    revision integer NOT NULL DEFAULT 1,
    document text NOT NULL,
    signature text NOT NULL,
    rationale text NOT NULL,
    author text NOT NULL CHECK (author IN ('rules', 'model')),
    author_note text,
    model text
);
-- Whatever arrives and however often: one question at a time is put about one subject.
CREATE UNIQUE INDEX one_open_recommendation ON assay.recommendation (subject) WHERE state = 'open';
CREATE INDEX recommendation_by_age ON assay.recommendation (created_at DESC, recommendation_id DESC);

CREATE TABLE assay.effect (
    effect_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recommendation_id text NOT NULL REFERENCES assay.recommendation,
    kind text NOT NULL CHECK (kind IN ('approve', 'dismiss')),
    applied_at timestamptz NOT NULL,
    applied_by text NOT NULL,
    undone_at timestamptz
);
-- Whoever clicks, retries or runs beside us: one standing effect a recommendation.
CREATE UNIQUE INDEX one_effect ON assay.effect (recommendation_id) WHERE undone_at IS NULL;

-- What the loop wrote into the dictionary's tables, so that it can be taken back exactly.
CREATE TABLE assay.loop_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text,
    effect_id bigint REFERENCES assay.effect,
    table_name text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('insert', 'update')),
    key jsonb NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    added jsonb NOT NULL,
    undone_at timestamptz
);
CREATE INDEX change_of_effect ON assay.loop_change (effect_id) WHERE effect_id IS NOT NULL;
