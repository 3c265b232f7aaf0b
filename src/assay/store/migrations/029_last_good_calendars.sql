-- Of the workspace's files of periods the last good ones are kept too.

ALTER TABLE assay.last_good DROP CONSTRAINT last_good_kind_check;
ALTER TABLE assay.last_good
    ADD CONSTRAINT last_good_kind_check CHECK (kind IN ('metric', 'dictionary', 'dashboard', 'calendar'));
