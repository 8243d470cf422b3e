-- Why: what a 271 says of one person is one answer; each EB in it is one benefit, known by its
-- ordinal, never by (member, service type): payers repeat and contradict themselves, and all of it
-- is shown. The long tail of a benefit hangs below it as details.

-- +goose Up
CREATE TABLE eligibility_answer (
	account_id          bigint      NOT NULL,
	id                  bigint      NOT NULL,
	operator_id         bigint      NOT NULL,
	unit_id             bigint      NOT NULL,
	set_id              bigint      NOT NULL,
	file_id             bigint      NOT NULL,
	byte_offset         bigint      NOT NULL, -- of HL
	position            integer     NOT NULL,
	usage               text        NOT NULL,
	received_at         timestamptz NOT NULL,
	hl                  text        NOT NULL, -- HL01, as sent
	person              text        NOT NULL CHECK (person IN ('subscriber', 'dependent')),
	answered_on         date,                 -- BHT04; in this table NULL means "not sent" unless said otherwise
	reference           text,                 -- BHT03
	trace_number        text,                 -- TRN02 of TRN*2, else of the first
	trace_originator    text,                 -- TRN03 of the same
	inquiry_id          bigint,               -- the question it answers; NULL: none of ours, or not matched
	payer_id            bigint,               -- our payer; NULL: none of its ids is known
	payer_name          text,                 -- 2100A NM103
	payer_identifier    text,                 -- 2100A NM109
	provider_name       text,                 -- 2100B
	provider_npi        text,
	last_name           text,                 -- of the person
	first_name          text,
	middle_name         text,
	suffix              text,
	member_id           text,                 -- NM109 with MI, else REF*1W
	birth_date          date,                 -- DMG02
	gender              text,                 -- DMG03
	relationship_code   text,                 -- INS02
	group_number        text,                 -- REF*6P
	group_name          text,                 -- REF03
	plan_number         text,                 -- REF*18
	subscriber_last_name  text,               -- for a dependent: the subscriber's; NULL: the person is the subscriber
	subscriber_first_name text,
	subscriber_member_id  text,
	plan_begin          date,                 -- DTP*346, else 291 or 307
	plan_end            date,                 -- DTP*347, else 291 or 307
	service_from        date,                 -- DTP*472 or 291 asked for
	service_to          date,
	status              text        NOT NULL CHECK (status IN ('active', 'inactive', 'not_found', 'refused', 'partly_refused', 'contradictory', 'not_stated')),
	plan_name           text,                 -- EB05 of the benefit that states the coverage
	insurance_type      text,                 -- EB04 of the same
	benefits            integer     NOT NULL, -- EB
	rejections          integer     NOT NULL, -- AAA that concern it
	extra               jsonb,                -- addresses, contacts, other references and dates; NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- Matching by trace, and search by it.
CREATE INDEX eligibility_answer_by_trace ON eligibility_answer (account_id, trace_number);
-- The answers of an inquiry.
CREATE INDEX eligibility_answer_by_inquiry ON eligibility_answer (account_id, inquiry_id) WHERE inquiry_id IS NOT NULL;
SELECT ediport_protect_account('eligibility_answer', 'SELECT');

CREATE TABLE benefit (
	account_id             bigint        NOT NULL,
	answer_id              bigint        NOT NULL,
	benefit_no             integer       NOT NULL, -- of EB in the person's loop, from 1
	byte_offset            bigint        NOT NULL,
	position               integer       NOT NULL,
	information_code       text          NOT NULL, -- EB01
	coverage_level         text,                   -- EB02; in this table NULL means "not sent" unless said otherwise
	service_type           text,                   -- EB03, the first; all of them are in benefit_service_type
	insurance_type         text,                   -- EB04
	plan_name              text,                   -- EB05
	time_period            text,                   -- EB06
	amount                 numeric(18,4),          -- EB07
	percent                numeric(18,6),          -- EB08, as sent: 0.2 is 20 %
	quantity_qualifier     text,                   -- EB09
	quantity               numeric(18,6),          -- EB10
	authorization_required text,                   -- EB11
	network                text,                   -- EB12
	procedure_qualifier    text,                   -- EB13-1
	procedure_code         text,                   -- EB13-2
	modifiers              text[],                 -- EB13-3…6
	date_from              date,                   -- of the first DTP below it
	date_to                date,
	date_qualifier         text,
	message                text,                   -- MSG01, joined by line breaks
	extra                  jsonb,                  -- the rest; NULL: nothing
	PRIMARY KEY (account_id, answer_id, benefit_no)
);
-- "Whose deductible, whose mental health?": benefits of a kind across answers.
CREATE INDEX benefit_by_kind ON benefit (account_id, information_code, service_type, answer_id);
SELECT ediport_protect_account('benefit', 'SELECT');

CREATE TABLE benefit_service_type (
	account_id   bigint  NOT NULL,
	answer_id    bigint  NOT NULL,
	benefit_no   integer NOT NULL,
	no           integer NOT NULL, -- repetition of EB03: a code may stand there twice
	service_type text    NOT NULL,
	PRIMARY KEY (account_id, answer_id, benefit_no, no)
);
SELECT ediport_protect_account('benefit_service_type', 'SELECT');

CREATE TABLE benefit_detail (
	account_id  bigint  NOT NULL,
	answer_id   bigint  NOT NULL,
	benefit_no  integer NOT NULL,
	no          integer NOT NULL, -- in the benefit's loop, in file order
	byte_offset bigint  NOT NULL,
	position    integer NOT NULL,
	kind        text    NOT NULL CHECK (kind IN ('procedure', 'date', 'message', 'entity', 'reference', 'delivery', 'diagnosis', 'condition', 'rejection', 'other')),
	qualifier   text,             -- DTP01, NM101, REF01, HSD01 …; in this table NULL means "not sent" or not of this kind
	code        text,             -- procedure code, reference, NM109
	name        text,             -- of an entity, last or organization
	first_name  text,
	date_from   date,
	date_to     date,
	text        text,             -- message, description
	extra       jsonb,            -- the rest of the loop; NULL: nothing
	PRIMARY KEY (account_id, answer_id, benefit_no, no)
);
SELECT ediport_protect_account('benefit_detail', 'SELECT');

-- AAA: why there is no (full) answer. It may stand above any person.
CREATE TABLE eligibility_rejection (
	account_id  bigint  NOT NULL,
	unit_id     bigint  NOT NULL,
	no          integer NOT NULL, -- in the unit
	answer_id   bigint,           -- NULL: it concerns the payer or the provider, no person
	set_id      bigint  NOT NULL,
	file_id     bigint  NOT NULL,
	byte_offset bigint  NOT NULL,
	position    integer NOT NULL,
	usage       text    NOT NULL,
	loop        text    NOT NULL, -- 2000A, 2100A, 2100B, 2100C, 2110C …
	valid       text    NOT NULL, -- AAA01
	reason_code text    NOT NULL, -- AAA03
	follow_up   text    NOT NULL, -- AAA04
	PRIMARY KEY (account_id, unit_id, no)
);
-- The rejections of an answer.
CREATE INDEX eligibility_rejection_by_answer ON eligibility_rejection (account_id, answer_id) WHERE answer_id IS NOT NULL;
SELECT ediport_protect_account('eligibility_rejection', 'SELECT');
