-- People whom a provider of identity vouches for, and what a sign-in through one has to remember.

-- An address is one person's among those with a password; of two providers, or of one and of none, it may be two people's.
ALTER TABLE assay.person DROP CONSTRAINT person_email_key;
-- `email` is what they are called: a provider's person has an address only where `vouched` has one.
-- `vouched`: what the provider said at the last sign-in: a verified address, groups, and the claims that were asked for.
ALTER TABLE assay.person
    ADD COLUMN provider text, ADD COLUMN subject text, ADD COLUMN vouched jsonb,
    ADD CHECK ((provider IS NULL) = (subject IS NULL) AND (provider IS NULL) = (vouched IS NULL)),
    ADD CHECK (provider IS NULL OR (password IS NULL AND roles = '{}'));
CREATE UNIQUE INDEX person_email ON assay.person (email) WHERE provider IS NULL;
CREATE UNIQUE INDEX person_subject ON assay.person (provider, subject);
DROP TRIGGER access_moved ON assay.person;
CREATE TRIGGER access_moved
    AFTER DELETE OR TRUNCATE OR UPDATE OF person_id, email, roles, password, disabled_at, provider, subject, vouched
    ON assay.person FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();

-- The provider's name for its own session with which this one began, and the token by which it is asked to end it.
ALTER TABLE assay.session ADD COLUMN provider_session text, ADD COLUMN provider_token text;

-- Sign-ins that have gone to a provider and are not back yet. The browser holds what is hashed here.
CREATE TABLE assay.sign_in_begun (
    hash bytea PRIMARY KEY,
    provider text NOT NULL,
    state text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    back_to text NOT NULL,
    -- The session that the browser held: the new one takes its place.
    replaces bytea NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now()
);

-- Logout tokens that were heard: each ends sessions once.
CREATE TABLE assay.logout_token (
    provider text NOT NULL,
    token_id text NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, token_id)
);
