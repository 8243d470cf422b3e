-- Why: a 277 or 277CA states statuses at several levels (receiver, provider, claim, line), several at
-- each. One answer is one claim (TRN loop); each STC is one row with its level.

-- +goose Up
CREATE TABLE claim_status_answer (
	account_id          bigint        NOT NULL,
	id                  bigint        NOT NULL,
	operator_id         bigint        NOT NULL,
	unit_id             bigint        NOT NULL,
	set_id              bigint        NOT NULL,
	file_id             bigint        NOT NULL,
	byte_offset         bigint        NOT NULL, -- of TRN
	position            integer       NOT NULL,
	usage               text          NOT NULL,
	received_at         timestamptz   NOT NULL,
	kind                text          NOT NULL CHECK (kind IN ('277', '277CA')),
	hl                  text          NOT NULL, -- HL01, as sent
	person              text          NOT NULL CHECK (person IN ('subscriber', 'dependent', 'patient')),
	answered_on         date,                   -- BHT04; in this table NULL means "not sent" unless said otherwise
	reference           text,                   -- BHT03
	trace_number        text,                   -- TRN02
	inquiry_id          bigint,                 -- the question it answers; NULL: none of ours, or not matched
	payer_id            bigint,                 -- our payer; NULL: none of its ids is known
	payer_name          text,
	payer_identifier    text,
	provider_name       text,
	provider_npi        text,
	last_name           text,
	first_name          text,
	member_id           text,
	birth_date          date,
	patient_control_number     text,            -- REF*EJ; in a 277CA TRN02
	payer_claim_control_number text,            -- REF*1K
	clearinghouse_trace text,                   -- REF*D9
	bill_type           text,                   -- REF*BLT
	service_from        date,                   -- DTP*472
	service_to          date,
	category_code       text,                   -- STC01-1 of the first STC: the headline
	status_code         text,                   -- STC01-2
	entity_code         text,                   -- STC01-3
	status_date         date,                   -- STC02
	action_code         text,                   -- STC03 (277CA: WQ or U)
	charge              numeric(18,4),          -- STC04
	paid                numeric(18,4),          -- STC05
	adjudicated_on      date,                   -- STC06
	payment_method      text,                   -- STC07
	payment_date        date,                   -- STC08
	payment_number      text,                   -- STC09
	lines               integer       NOT NULL,
	statuses            integer       NOT NULL, -- STC of the claim and its lines
	extra               jsonb,                  -- other references, addresses; NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- Matching by trace, and search by it.
CREATE INDEX claim_status_answer_by_trace ON claim_status_answer (account_id, trace_number);
-- Search by the provider's number, newest last.
CREATE INDEX claim_status_answer_by_claim ON claim_status_answer (account_id, patient_control_number, id);
SELECT ediport_protect_account('claim_status_answer', 'SELECT');

CREATE TABLE claim_status (
	account_id      bigint  NOT NULL,
	unit_id         bigint  NOT NULL,
	status_no       integer NOT NULL, -- of STC in the unit
	level           text    NOT NULL CHECK (level IN ('source', 'receiver', 'provider', 'claim', 'line')),
	answer_id       bigint,           -- NULL: above claims
	line_no         integer NOT NULL, -- 0: not of a line
	set_id          bigint  NOT NULL,
	file_id         bigint  NOT NULL,
	byte_offset     bigint  NOT NULL,
	position        integer NOT NULL,
	usage           text    NOT NULL,
	category_code   text    NOT NULL, -- STC01-1
	status_code     text    NOT NULL, -- STC01-2
	entity_code     text,             -- STC01-3; in this table NULL means "not sent"
	status_date     date,             -- STC02
	action_code     text,             -- STC03
	charge          numeric(18,4),    -- STC04
	paid            numeric(18,4),    -- STC05
	adjudicated_on  date,             -- STC06
	payment_method  text,             -- STC07
	payment_date    date,             -- STC08
	payment_number  text,             -- STC09
	category_code_2 text,             -- STC10
	status_code_2   text,
	entity_code_2   text,
	category_code_3 text,             -- STC11
	status_code_3   text,
	entity_code_3   text,
	message         text,             -- STC12
	PRIMARY KEY (account_id, unit_id, status_no)
);
-- The statuses of a claim and its lines.
CREATE INDEX claim_status_by_answer ON claim_status (account_id, answer_id, status_no) WHERE answer_id IS NOT NULL;
-- The worklist by category: rejected, pending, paid.
CREATE INDEX claim_status_by_category ON claim_status (account_id, category_code, answer_id);
SELECT ediport_protect_account('claim_status', 'SELECT');

CREATE TABLE claim_status_line (
	account_id          bigint  NOT NULL,
	answer_id           bigint  NOT NULL,
	line_no             integer NOT NULL, -- of SVC in the claim, from 1
	byte_offset         bigint  NOT NULL,
	position            integer NOT NULL,
	procedure_qualifier text,             -- SVC01-1; in this table NULL means "not sent"
	procedure_code      text,             -- SVC01-2
	modifiers           text[],           -- SVC01-3…6
	charge              numeric(18,4),    -- SVC02
	paid                numeric(18,4),    -- SVC03
	revenue_code        text,             -- SVC04
	units               numeric(18,6),    -- SVC07
	service_from        date,             -- DTP*472
	service_to          date,
	line_control_number text,             -- REF*FJ
	extra               jsonb,            -- the rest; NULL: nothing
	PRIMARY KEY (account_id, answer_id, line_no)
);
SELECT ediport_protect_account('claim_status_line', 'SELECT');
