-- Reports: when each is sent next and by whom, and who had what. They leave as messages of alerts do.

CREATE TABLE assay.report (
    report_id text PRIMARY KEY,
    -- Of when it is sent: where that is another, it is due anew.
    mark text NOT NULL,
    due_at timestamptz NOT NULL,
    -- Later than due where data are waited for, or a try failed.
    next_at timestamptz NOT NULL,
    lease text,
    leased_until timestamptz
);

-- A reader is an address, or the name of a channel.
CREATE TABLE assay.report_reader (
    report_id text NOT NULL,
    reader text NOT NULL,
    -- What they have chosen themselves; null: nothing, and the file counts.
    wants boolean,
    -- The last moment at which it was due that is done with for them: sent, or not sent and why.
    due_at timestamptz,
    message_id text,
    why_not text,
    done_at timestamptz,
    PRIMARY KEY (report_id, reader),
    CHECK ((due_at IS NULL) = (done_at IS NULL)),
    CHECK (message_id IS NULL OR why_not IS NULL)
);

ALTER TABLE assay.alert_message DROP CONSTRAINT alert_message_kind_check;
ALTER TABLE assay.alert_message ADD CHECK (kind IN ('news', 'escalated', 'test', 'report'));

-- What goes with a message, until it has arrived.
CREATE TABLE assay.message_file (
    message_id text NOT NULL REFERENCES assay.alert_message ON DELETE CASCADE,
    number integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (message_id, number)
);
