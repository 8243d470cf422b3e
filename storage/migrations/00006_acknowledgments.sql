-- Why: TA1, 999 and 997 that partners send us. They come in any order, twice, and contradict each
-- other: each is kept as a row of its own, and what they mean for a set is decided when read.

-- +goose Up
CREATE TABLE acknowledgment (
	operator_id          bigint  NOT NULL,
	id                   bigint  NOT NULL,
	file_id              bigint  NOT NULL,
	interchange_id       bigint  NOT NULL,
	set_id               bigint,          -- NULL: a TA1 stands outside sets
	ordinal              integer NOT NULL, -- in its interchange (TA1) or 1
	kind                 text    NOT NULL CHECK (kind IN ('TA1', '999', '997')),
	byte_offset          bigint  NOT NULL,
	usage                text    NOT NULL,
	partner_id           bigint,          -- NULL: no partner has the identities
	interchange_control_number text,      -- TA101; NULL: not a TA1
	interchange_date     text,            -- TA102; NULL: not a TA1
	interchange_time     text,            -- TA103; NULL: not a TA1
	code                 text    NOT NULL, -- TA104 or AK901; '' if missing
	note                 text,            -- TA105; NULL: not a TA1
	functional_id        text,            -- AK101; NULL: a TA1
	group_control_number text,            -- AK102; NULL: a TA1
	version              text,            -- AK103; NULL: not sent
	sets_included        integer,         -- AK902; NULL: a TA1, or not readable
	sets_received        integer,         -- AK903; NULL as sets_included
	sets_accepted        integer,         -- AK904; NULL as sets_included
	group_error_codes    text[] NOT NULL DEFAULT '{}', -- AK905–09
	matched_interchange_id bigint,        -- ours that it answers; NULL: not found (yet)
	matched_group_id     bigint,          -- ours that it answers; NULL: not found (yet), or a TA1
	received_at          timestamptz NOT NULL,
	PRIMARY KEY (operator_id, id)
);
-- The acknowledgments a file brought.
CREATE INDEX acknowledgment_by_file ON acknowledgment (operator_id, file_id, id);
-- What a group of ours was told.
CREATE INDEX acknowledgment_by_group ON acknowledgment (operator_id, matched_group_id) WHERE matched_group_id IS NOT NULL;
SELECT ediport_protect_operator('acknowledgment', 'SELECT');

-- AK2…IK5 or AK5: one set, as far as the acknowledgment names sets at all.
CREATE TABLE acknowledgment_set (
	operator_id       bigint  NOT NULL,
	acknowledgment_id bigint  NOT NULL,
	no                integer NOT NULL,
	byte_offset       bigint  NOT NULL,
	set_code          text    NOT NULL, -- AK201
	control_number    text    NOT NULL, -- AK202
	guide             text    NOT NULL, -- AK203, '' if not sent
	code              text    NOT NULL, -- IK501 or AK501, '' if missing
	error_codes       text[]  NOT NULL DEFAULT '{}', -- IK502–06
	matched_set_id    bigint,           -- ours; NULL: not found (yet)
	PRIMARY KEY (operator_id, acknowledgment_id, no)
);
SELECT ediport_protect_operator('acknowledgment_set', 'SELECT');

-- IK3 and IK4, AK3 and AK4: one error of a set.
CREATE TABLE acknowledgment_error (
	operator_id       bigint   NOT NULL,
	acknowledgment_id bigint   NOT NULL,
	set_no            integer  NOT NULL,
	no                integer  NOT NULL,
	byte_offset       bigint   NOT NULL,
	segment           text     NOT NULL, -- IK301
	position          integer,           -- IK302; NULL: not readable
	loop              text     NOT NULL, -- IK303, '' if not sent
	segment_code      text     NOT NULL, -- IK304, '' if not sent
	element           smallint,          -- IK401-1; NULL: the whole segment
	component         smallint,          -- IK401-2; NULL: the whole element
	repetition        smallint,          -- IK401-3; NULL: the first
	element_code      text,              -- IK403; NULL: the whole segment
	context           text[]   NOT NULL DEFAULT '{}', -- CTX, as sent
	PRIMARY KEY (operator_id, acknowledgment_id, set_no, no)
);
SELECT ediport_protect_operator('acknowledgment_error', 'SELECT');
