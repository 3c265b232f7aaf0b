-- People who sign in with a password, and the links with which they choose one. No table holds what opens a door.

CREATE TABLE assay.person (
    person_id text PRIMARY KEY,
    email text NOT NULL UNIQUE,
    roles text[] NOT NULL,
    -- As argon2id writes it, with salt and costs; null until one was chosen, and after a reset.
    password text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    joined_at timestamptz,
    disabled_at timestamptz,
    disabled_by text
);
CREATE TRIGGER access_moved
    AFTER DELETE OR TRUNCATE OR UPDATE OF person_id, email, roles, password, disabled_at ON assay.person
    FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();

CREATE TABLE assay.invitation (
    hash bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES assay.person ON DELETE CASCADE,
    -- Of the database: a link that was used in the original opens nothing in a copy that was made before.
    copy text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX invitation_person ON assay.invitation (person_id);

-- Attempts to sign in that did not succeed: under the hash of an email address, or of where they came from.
CREATE TABLE assay.attempt (
    subject bytea PRIMARY KEY,
    tried integer NOT NULL,
    since timestamptz NOT NULL
);

-- The person, or whoever else, that stands behind a key: it opens nothing once they may do less.
ALTER TABLE assay.api_key ADD COLUMN maker text;
