-- Alerts: when each is checked next and by whom, what each listener was found to be due, and the messages that leave.

-- Those that were made on the page. Alerts of files lie in files.
CREATE TABLE assay.alert_made (
    alert_id text PRIMARY KEY,
    document jsonb NOT NULL,
    person_id text,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);

CREATE TABLE assay.alert (
    alert_id text PRIMARY KEY,
    -- Of the question and the condition: where they are others, what was counted before counts no more.
    mark text NOT NULL,
    next_at timestamptz NOT NULL,
    -- Who checks it just now, and until when nobody else does.
    lease text,
    leased_until timestamptz,
    checked_at timestamptz,
    -- The version of the data at the last check.
    seen text,
    muted_until timestamptz,
    muted_by text,
    mute_reason text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    CHECK ((muted_until IS NULL) = (mute_reason IS NULL)),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);

-- What the last check found within what a listener (a channel, or a person) sees.
CREATE TABLE assay.alert_look (
    alert_id text NOT NULL REFERENCES assay.alert ON DELETE CASCADE,
    listener text NOT NULL,
    -- The key of the scope that it was asked in: whoever has the same sees it.
    scope text NOT NULL,
    checked_at timestamptz NOT NULL,
    groups integer NOT NULL,
    value jsonb,
    receipt_id text,
    -- Why nothing could be said.
    unknown text,
    PRIMARY KEY (alert_id, listener)
);

-- A group for which the condition has begun to hold, or not yet ceased to. Of others there is no row.
CREATE TABLE assay.alert_state (
    alert_id text NOT NULL REFERENCES assay.alert ON DELETE CASCADE,
    listener text NOT NULL,
    key jsonb NOT NULL,
    -- Checks in a row in which it held; once it has fired, in which it did not.
    streak integer NOT NULL,
    fired_at timestamptz,
    -- When the listener was told that it fired; null: not yet.
    told_at timestamptz,
    value jsonb,
    before jsonb,
    bucket text,
    receipt_id text,
    PRIMARY KEY (alert_id, listener, key),
    CHECK (told_at IS NULL OR fired_at IS NOT NULL)
);

CREATE TABLE assay.alert_message (
    message_id text PRIMARY KEY,
    alert_id text NOT NULL,
    listener text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('news', 'escalated', 'test')),
    scope text NOT NULL,
    document jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    lease text,
    leased_until timestamptz,
    trouble text,
    ended_at timestamptz,
    CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX alert_message_waiting ON assay.alert_message (next_at) WHERE state = 'waiting';
CREATE INDEX alert_message_made ON assay.alert_message (made_at DESC);
