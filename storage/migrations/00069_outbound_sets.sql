-- Why: a 999 says of each transaction set whether it was taken, and why not. To say so of the sets we sent, and of the questions
-- that were asked with them, each set of an outbound file is known, with the word that stands for it; and each question of
-- ours with the sets in which it left.

-- +goose Up
-- Sets of groups of acknowledgments (FA) have no rows: nobody answers them.
CREATE TABLE outbound_set (
	operator_id           bigint  NOT NULL,
	id                    bigint  NOT NULL, -- of the sequence of transaction_set, so that no id means two sets
	file_id               bigint  NOT NULL,
	interchange_no        integer NOT NULL, -- in the file, from 1
	group_no              integer NOT NULL, -- in the interchange, from 1
	set_no                integer NOT NULL, -- in the group, from 1
	set_code              text    NOT NULL, -- ST01
	control_number        text    NOT NULL, -- ST02
	guide                 text    NOT NULL, -- ST03, GS08 where it is not sent
	byte_offset           bigint  NOT NULL, -- of ST in the file
	acknowledgment        text    NOT NULL DEFAULT 'none' CHECK (acknowledgment IN ('none', 'A', 'E', 'R', 'unclear')), -- the worst that was said
	acknowledgment_id     bigint,           -- of what said it; NULL: nothing did
	acknowledgment_set_no integer,          -- which AK2 of it; NULL: it was said of the group or interchange, or nothing was
	acknowledged_at       timestamptz,      -- the first word; NULL as acknowledgment_id
	PRIMARY KEY (operator_id, id)
) WITH (fillfactor = 70); -- each row is changed once, as a rule: room beside it keeps the indexes out of that
-- The sets of a file, or of a group that is answered, in their order.
CREATE UNIQUE INDEX outbound_set_by_place ON outbound_set (operator_id, file_id, interchange_no, group_no, set_no);
SELECT ediport_protect_operator('outbound_set', 'SELECT');

-- In which sets a question of ours left. The newest counts.
CREATE TABLE inquiry_set (
	account_id     bigint  NOT NULL,
	inquiry_id     bigint  NOT NULL,
	operator_id    bigint  NOT NULL,
	file_id        bigint  NOT NULL,
	interchange_no integer NOT NULL,
	group_no       integer NOT NULL,
	set_no         integer NOT NULL,
	rejected_for   text[]  NOT NULL DEFAULT '{}', -- the errors that a rejection names and that are not of another question: REF 2100C IK304 3
	PRIMARY KEY (account_id, inquiry_id, file_id, interchange_no, group_no, set_no)
);
-- The questions of a set that is answered.
CREATE INDEX inquiry_set_by_place ON inquiry_set (operator_id, file_id, interchange_no, group_no, set_no);
SELECT ediport_protect_account('inquiry_set', 'SELECT');
-- Who sees some providers' rows only sees of questions what the question shows.
SELECT ediport_limit_rows('inquiry_set', 'EXISTS (SELECT 1 FROM inquiry q WHERE q.account_id = inquiry_set.account_id AND q.id = inquiry_set.inquiry_id)');
