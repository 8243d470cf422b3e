-- Why: data that is taken out for good leaves its file's row and the keys by which it is known again. Its bytes are
-- removed from the archive behind the commit, so that no row ever names bytes that are gone: what is still to be removed stands
-- here, and a crash in between is made good by the next purge.

-- +goose Up
CREATE TABLE purged_blob (
	operator_id bigint      NOT NULL,
	blob_name   text        NOT NULL,
	file_id     bigint      NOT NULL,
	purged_at   timestamptz NOT NULL,
	PRIMARY KEY (operator_id, blob_name)
);
-- Only the loader touches it.
ALTER TABLE purged_blob ENABLE ROW LEVEL SECURITY;

-- A purge asks these for the rows of a file's units, whose ids lie close together. An index of ranges costs a load next to
-- nothing; a tree would cost as much as the two that each table has.
CREATE INDEX payment_by_unit_range ON payment USING brin (unit_id);
-- As above.
CREATE INDEX eligibility_answer_by_unit_range ON eligibility_answer USING brin (unit_id);
-- As above.
CREATE INDEX claim_status_answer_by_unit_range ON claim_status_answer USING brin (unit_id);
-- As above.
CREATE INDEX authorization_event_by_unit_range ON authorization_event USING brin (unit_id);
-- As above.
CREATE INDEX inquiry_by_unit_range ON inquiry USING brin (unit_id);
-- As above.
CREATE INDEX person_mention_by_unit_range ON person_mention USING brin (unit_id);
