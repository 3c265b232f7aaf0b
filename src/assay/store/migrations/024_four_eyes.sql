-- What waits for a second person, where the workspace asks for two. What was confirmed is in force in every process.

CREATE TABLE assay.proposal (
    proposal_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('route', 'draft', 'definition', 'four_eyes')),
    subject text NOT NULL,
    -- What is to be done, and what that stands on.
    document jsonb NOT NULL,
    -- Of that, what tells one proposal from another.
    mark text NOT NULL,
    -- Who stands behind it: null as long as nobody with a name does, as of an edit of a file.
    person_id text,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'declined', 'ended')),
    decided_by text,
    decided_at timestamptz,
    reason text,
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX proposal_open ON assay.proposal (kind, subject, mark) WHERE state = 'open';
CREATE INDEX proposal_subject ON assay.proposal (kind, subject, proposed_at DESC);

-- A file that does not ask for two persons any more cannot take that back alone.
CREATE TABLE assay.four_eyes (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    is_on boolean NOT NULL
);
INSERT INTO assay.four_eyes (is_on) VALUES (false);
