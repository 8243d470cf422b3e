-- Why: a 278 answers one patient event with services below it; the decision (HCR) is per service, the
-- event shows the roll-up. A later response, or a person who telephoned, adds a decision: the newest
-- stands, history stays. An AAA is a decision not to look at it, kept in the same list.

-- +goose Up
CREATE TABLE authorization_event (
	account_id           bigint      NOT NULL,
	id                   bigint      NOT NULL,
	operator_id          bigint      NOT NULL,
	unit_id              bigint      NOT NULL,
	set_id               bigint      NOT NULL,
	file_id              bigint      NOT NULL,
	byte_offset          bigint      NOT NULL, -- of HL
	position             integer     NOT NULL,
	usage                text        NOT NULL,
	received_at          timestamptz NOT NULL,
	kind                 text        NOT NULL CHECK (kind IN ('request', 'response')),
	hl                   text        NOT NULL, -- HL01, as sent
	person               text        NOT NULL CHECK (person IN ('subscriber', 'dependent')),
	answered_on          date,                 -- BHT04; in this table NULL means "not sent" unless said otherwise
	reference            text,                 -- BHT03
	trace_number         text,                 -- TRN02 of TRN*2, else of the first
	trace_originator     text,                 -- TRN03 of the same
	inquiry_id           bigint,               -- the question it answers; NULL: none of ours, or not matched
	payer_id             bigint,               -- our payer (UMO); NULL: none of its ids is known
	payer_name           text,                 -- 2010A
	payer_identifier     text,
	requester_name       text,                 -- 2010B
	requester_npi        text,
	last_name            text,
	first_name           text,
	member_id            text,
	birth_date           date,
	gender               text,
	subscriber_last_name  text,                -- for a dependent: the subscriber's; NULL: the person is the subscriber
	subscriber_first_name text,
	subscriber_member_id  text,
	request_category     text,                 -- UM01
	certification_type   text,                 -- UM02
	service_type         text,                 -- UM03
	facility_code        text,                 -- UM04-1
	urgency              text,                 -- UM06
	event_from           date,                 -- DTP*AAH
	event_to             date,
	admission_date       date,                 -- DTP*435
	discharge_date       date,                 -- DTP*096
	diagnosis_codes      text[],               -- HI
	certification_number text,                 -- HCR02, newest
	administrative_reference text,             -- REF*NT
	action_code          text,                 -- HCR01 of the event; NULL: decided per service, or not at all
	outcome              text        NOT NULL CHECK (outcome IN ('requested', 'certified', 'modified', 'denied', 'pended', 'cancelled', 'mixed', 'contact_payer', 'not_required', 'refused', 'not_stated')),
	certified_from       date,                 -- DTP*007
	certified_to         date,
	expires_on           date,                 -- DTP*036
	services             integer     NOT NULL,
	extra                jsonb,                -- providers, transport, home health, messages, attachments …; NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- Matching by trace, and search by it.
CREATE INDEX authorization_event_by_trace ON authorization_event (account_id, trace_number);
-- Search by the certification number; a later response finds its event.
CREATE INDEX authorization_event_by_certification ON authorization_event (account_id, certification_number);
SELECT ediport_protect_account('authorization_event', 'SELECT');
GRANT UPDATE (outcome, action_code, certification_number, certified_from, certified_to, expires_on) ON authorization_event TO ediport_app;

CREATE TABLE authorization_service (
	account_id          bigint  NOT NULL,
	event_id            bigint  NOT NULL,
	service_no          integer NOT NULL, -- of HL SS below the event, from 1
	byte_offset         bigint  NOT NULL,
	position            integer NOT NULL,
	hl                  text    NOT NULL, -- HL01, as sent
	trace_number        text,             -- TRN02; in this table NULL means "not sent"
	certification_type  text,             -- UM02
	service_type        text,             -- UM03
	procedure_qualifier text,             -- SV101-1, SV202-1, SV301-1
	procedure_code      text,
	modifiers           text[],
	revenue_code        text,             -- SV201
	charge              numeric(18,4),    -- SV102, SV203, SV302
	unit                text,             -- SV103, SV204
	quantity            numeric(18,6),    -- SV104, SV205, SV306
	service_from        date,             -- DTP*472
	service_to          date,
	action_code         text,             -- HCR01, newest
	certification_number text,            -- HCR02, newest
	certified_from      date,             -- DTP*007
	certified_to        date,
	expires_on          date,             -- DTP*036
	extra               jsonb,            -- teeth, delivery pattern, providers, messages …; NULL: nothing
	PRIMARY KEY (account_id, event_id, service_no)
);
SELECT ediport_protect_account('authorization_service', 'SELECT');
GRANT UPDATE (action_code, certification_number, certified_from, certified_to, expires_on) ON authorization_service TO ediport_app;

CREATE TABLE authorization_decision (
	account_id           bigint      NOT NULL,
	unit_id              bigint      NOT NULL,
	decision_no          integer     NOT NULL, -- in the unit, then by date of entry
	event_id             bigint,               -- NULL: it refuses above any event
	service_no           integer     NOT NULL, -- 0: the event itself
	set_id               bigint,               -- NULL: entered by a person
	file_id              bigint,               -- NULL: entered by a person
	byte_offset          bigint,               -- NULL: entered by a person
	position             integer,              -- NULL: entered by a person
	usage                text        NOT NULL,
	source               text        NOT NULL CHECK (source IN ('response', 'person')),
	decided_at           timestamptz NOT NULL, -- received, or entered
	loop                 text        NOT NULL, -- '' for a person's
	action_code          text,                 -- HCR01; NULL: an AAA
	certification_number text,                 -- HCR02; NULL: not sent
	reason_codes         text[],               -- HCR03; NULL: none sent
	second_opinion       text,                 -- HCR04; NULL: not sent
	reject_reason        text,                 -- AAA03; NULL: an HCR
	follow_up            text,                 -- AAA04; NULL: an HCR, or not sent
	issued_on            date,                 -- DTP*102; NULL: not sent
	certified_from       date,                 -- DTP*007; NULL: not sent
	certified_to         date,                 -- NULL: not sent
	expires_on           date,                 -- DTP*036; NULL: not sent
	entered_by           bigint,               -- NULL: from a response
	note                 text,                 -- who, when, number; NULL: from a response
	PRIMARY KEY (account_id, unit_id, decision_no)
);
-- The decisions of an event and its services, oldest first.
CREATE INDEX authorization_decision_by_event ON authorization_decision (account_id, event_id, service_no, decision_no) WHERE event_id IS NOT NULL;
SELECT ediport_protect_account('authorization_decision', 'SELECT, INSERT');
