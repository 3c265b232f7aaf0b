-- A word that a person has explained is proposed as a synonym, and waits for whoever may settle what words mean.

ALTER TABLE assay.proposal DROP CONSTRAINT proposal_kind_check;
ALTER TABLE assay.proposal ADD CONSTRAINT proposal_kind_check
    CHECK (kind IN ('route', 'draft', 'definition', 'four_eyes', 'synonym'));
