-- Why: a file that leaves has a place it goes to, a name, and control numbers, all of which stand from
-- the moment it is made, so that after any crash it can be told whether it arrived. What was delivered
-- and what the receiver said of it are kept beside it.

-- +goose Up
CREATE TABLE outbound (
	operator_id         bigint      NOT NULL,
	file_id             bigint      NOT NULL,
	connection_id       bigint,               -- NULL: kept here, nothing takes it anywhere
	partner_id          bigint,               -- NULL: nobody's identities
	purpose             text        NOT NULL CHECK (purpose IN ('acknowledgment', 'request', 'hand_in')),
	folder              text        NOT NULL, -- at the partner's server; '' while it is kept here
	final_name          text        NOT NULL, -- escaped, as transfer.Escape does
	temporary_name      text        NOT NULL, -- while it is written
	name_fixed          boolean     NOT NULL DEFAULT false, -- a person chose it; else the template does
	rename              text        NOT NULL DEFAULT '',    -- how the final name is given; '' is the connection's usual way
	priority            smallint    NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
	queued_at           timestamptz NOT NULL,
	due_at              timestamptz,          -- not before, after failures; NULL: at once
	attempt             integer     NOT NULL DEFAULT 0, -- deliveries begun
	sending_run_id      bigint,               -- the last run that began one; NULL: none yet
	sent_at             timestamptz,          -- of the last delivery; NULL: never
	sent                integer     NOT NULL DEFAULT 0, -- deliveries that succeeded
	uncertain_at        timestamptz,          -- NULL: it is known what became of it
	open                boolean     NOT NULL, -- waits or is under way: the file is generated or sending
	wire_blob_name      text,                 -- what is sent, if it is not the file's own bytes: packed, encrypted; NULL: they are
	wire_wrapped_key    bytea,                -- NULL as wire_blob_name
	wire_key_id         text,                 -- NULL as wire_blob_name
	wire_size           bigint,               -- NULL as wire_blob_name
	wire_stored_size    bigint,               -- NULL as wire_blob_name
	wire_sha256         bytea,                -- NULL as wire_blob_name
	answers_file_id     bigint,               -- an acknowledgment: of this file; NULL: it is none
	answers_interchange bigint,               -- and of this interchange in it; NULL as answers_file_id
	answers_kind        text        CHECK (answers_kind IN ('TA1', '999')), -- NULL as answers_file_id
	told                jsonb,                -- what it says of groups and sets; NULL as answers_file_id
	acknowledgment      text        NOT NULL DEFAULT 'none' CHECK (acknowledgment IN ('none', 'A', 'E', 'P', 'R', 'unclear')),
	acknowledged_at     timestamptz,          -- the receiver's first word; NULL: none yet
	note                text,                 -- a person's words; NULL: none
	PRIMARY KEY (operator_id, file_id)
);
-- What a push run has to work, and which connections have something to push.
CREATE INDEX outbound_open ON outbound (operator_id, connection_id, priority, file_id) WHERE open;
-- No interchange is acknowledged twice; and the acknowledgments that were made of a file.
CREATE UNIQUE INDEX outbound_answers ON outbound (operator_id, answers_file_id, answers_interchange, answers_kind) WHERE answers_file_id IS NOT NULL;
SELECT ediport_protect_operator('outbound', 'SELECT, INSERT, UPDATE');

-- The interchanges (group_no 0) and functional groups of outbound files: what a TA1 or 999 answers.
CREATE TABLE outbound_envelope (
	operator_id        bigint  NOT NULL,
	file_id            bigint  NOT NULL,
	interchange_no     integer NOT NULL, -- in the file, from 1
	group_no           integer NOT NULL, -- in the interchange, from 1; 0: the interchange itself
	partner_id         bigint,           -- NULL: nobody's identities
	sender_qualifier   text    NOT NULL, -- ISA05
	sender_id          text    NOT NULL, -- ISA06, trimmed
	receiver_qualifier text    NOT NULL, -- ISA07
	receiver_id        text    NOT NULL, -- ISA08, trimmed
	usage              text    NOT NULL, -- ISA15
	date_sent          text    NOT NULL, -- ISA09
	time_sent          text    NOT NULL, -- ISA10
	control_number     bigint  NOT NULL, -- ISA13, or GS06
	functional_id      text    NOT NULL, -- GS01; '' for the interchange
	version            text    NOT NULL, -- GS08; '' for the interchange
	sets               integer NOT NULL, -- in the group
	set_codes          text    NOT NULL DEFAULT '', -- ST01 of its first set
	acknowledgment     text    NOT NULL DEFAULT 'none' CHECK (acknowledgment IN ('none', 'A', 'E', 'P', 'R', 'unclear')), -- the worst that was said
	acknowledgment_id  bigint,           -- of what said it; NULL: nothing did
	acknowledged_at    timestamptz,      -- the first word; NULL as acknowledgment_id
	PRIMARY KEY (operator_id, file_id, interchange_no, group_no)
);
-- Finds what a TA1 or 999 answers by its number, the newest first.
CREATE INDEX outbound_envelope_by_number ON outbound_envelope (operator_id, control_number, functional_id, file_id DESC);
SELECT ediport_protect_operator('outbound_envelope', 'SELECT, INSERT, UPDATE');

-- Deliveries: what was left where, when, and how we know.
CREATE TABLE outbound_receipt (
	operator_id bigint      NOT NULL,
	file_id     bigint      NOT NULL,
	no          integer     NOT NULL, -- of the file, from 1
	run_id      bigint,               -- NULL: not by a run
	remote_path text        NOT NULL, -- escaped
	size        bigint      NOT NULL, -- bytes sent, packed and encrypted ones if so
	sha256      bytea       NOT NULL, -- of them
	sent_at     timestamptz NOT NULL,
	certainty   text        NOT NULL CHECK (certainty IN ('confirmed', 'found', 'person', 'acknowledged')),
	PRIMARY KEY (operator_id, file_id, no)
);
SELECT ediport_protect_operator('outbound_receipt', 'SELECT, INSERT');

-- Numbers that go up by one: of interchanges and groups between two partners, and in file names. They are
-- taken in the transaction that stores what they stand in, so that none is lost with a crash.
CREATE TABLE sequence_number (
	operator_id bigint NOT NULL,
	kind        text   NOT NULL CHECK (kind IN ('interchange', 'group', 'name')),
	key         text   NOT NULL, -- the identities, each ended by |
	next        bigint NOT NULL CHECK (next > 0),
	PRIMARY KEY (operator_id, kind, key)
);
SELECT ediport_protect_operator('sequence_number', 'SELECT, INSERT, UPDATE');

-- The file of ours that a received TA1 or 999 answers.
ALTER TABLE acknowledgment ADD COLUMN matched_file_id bigint; -- NULL: not found (yet)
