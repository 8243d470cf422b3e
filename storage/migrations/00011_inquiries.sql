-- Why: questions (ours and those we receive) and the one place where people are searched by name or
-- member id, across payments, answers, statuses and authorizations. The latter keeps the bulk tables
-- at two indexes each.

-- +goose Up
CREATE TABLE inquiry (
	account_id          bigint      NOT NULL,
	id                  bigint      NOT NULL,
	operator_id         bigint      NOT NULL,
	direction           text        NOT NULL CHECK (direction IN ('in', 'out')),
	kind                text        NOT NULL CHECK (kind IN ('270', '276', '278')),
	unit_id             bigint,               -- in: where it stands; NULL: ours
	set_id              bigint,               -- in: where it stands; NULL: ours, links are kept elsewhere
	file_id             bigint,               -- in: where it stands; NULL: ours
	byte_offset         bigint,               -- NULL: ours
	position            integer,              -- NULL: ours
	usage               text        NOT NULL,
	created_at          timestamptz NOT NULL,
	asked_on            date,                 -- BHT04; in this table NULL means "not given" unless said otherwise
	reference           text,                 -- BHT03
	trace_number        text,                 -- TRN02
	trace_originator    text,                 -- TRN03
	payer_id            bigint,
	payer_identifier    text,
	payer_name          text,
	provider_npi        text,
	provider_name       text,
	person              text        NOT NULL CHECK (person IN ('subscriber', 'dependent')),
	last_name           text,
	first_name          text,
	member_id           text,
	birth_date          date,
	service_types       text[],               -- 270: EQ01
	patient_control_number     text,          -- 276: REF*EJ
	payer_claim_control_number text,          -- 276: REF*1K
	service_from        date,
	service_to          date,
	charge              numeric(18,4),        -- 276: AMT*T3
	state               text        NOT NULL CHECK (state IN ('received', 'draft', 'queued', 'in_batch', 'sent', 'acknowledged', 'answered', 'overdue', 'rejected', 'cancelled')),
	outcome             text,                 -- NULL: no answer yet
	sent_at             timestamptz,          -- NULL: not sent, or received
	due_at              timestamptz,          -- NULL: no clock runs
	answered_at         timestamptz,          -- NULL: no answer yet
	extra               jsonb,                -- NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- An answer finds its question.
CREATE INDEX inquiry_by_trace ON inquiry (account_id, trace_number);
-- What is still open, by when it is due.
CREATE INDEX inquiry_open ON inquiry (account_id, state, due_at) WHERE state IN ('draft', 'queued', 'in_batch', 'sent', 'acknowledged', 'overdue');
SELECT ediport_protect_account('inquiry', 'SELECT, INSERT, UPDATE');

-- Where a person occurs. Names are folded for search: upper case, no accents, no punctuation.
CREATE TABLE person_mention (
	account_id bigint NOT NULL,
	last_name  text   NOT NULL, -- '' if not sent
	first_name text   NOT NULL, -- '' if not sent
	kind       text   NOT NULL CHECK (kind IN ('claim', 'eligibility', 'status', 'authorization', 'inquiry')),
	row_id     bigint NOT NULL, -- of the claim payment, answer, event, inquiry
	role       text   NOT NULL CHECK (role IN ('patient', 'insured')),
	member_id  text,            -- NULL: not sent
	birth_date date,            -- NULL: not sent
	on_date    date,            -- service or payment date, for the list; NULL: not sent
	usage      text   NOT NULL,
	unit_id    bigint NOT NULL,
	PRIMARY KEY (account_id, last_name, first_name, kind, row_id, role)
);
-- Search by member id.
CREATE INDEX person_mention_by_member ON person_mention (account_id, member_id, kind, row_id) WHERE member_id IS NOT NULL;
SELECT ediport_protect_account('person_mention', 'SELECT');
