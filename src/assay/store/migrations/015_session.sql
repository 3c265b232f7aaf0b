-- Who has signed in on the page. What the browser holds is not here, only its hash.

CREATE TABLE assay.session (
    hash bytea PRIMARY KEY,
    principal text NOT NULL,
    -- What else it hangs by: of the token a mark that only its holder can make, and the copy of the database it began in.
    token_mark text,
    copy text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE TRIGGER access_moved
    AFTER DELETE OR TRUNCATE OR UPDATE OF hash, principal, token_mark, copy, ends_at, ended_at ON assay.session
    FOR EACH STATEMENT EXECUTE FUNCTION assay.access_moved();
