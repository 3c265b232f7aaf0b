-- Events are forgotten by their age, the oldest first; those that a recommendation was made of stay with it.

DROP INDEX assay.event_by_age;
CREATE INDEX event_by_age ON assay.event (received_at) WHERE outcome <> 'recommended';
CREATE INDEX change_of_event ON assay.loop_change (event_id) WHERE event_id IS NOT NULL;
