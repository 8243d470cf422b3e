-- Why: what an 835 says, as rows a biller can search, filter and add up. account_id leads every key;
-- children have natural keys; no foreign keys and at most two secondary indexes, because the schema
-- and not the client decides how fast a file loads. Rows without file_id (lines, adjustments) have
-- their parent's file, set, unit and usage, and keep their own byte offset and position in the set.
-- Money is numeric(18,4), percents and quantities numeric(18,6), as sent. X12 dates are dates.

-- +goose Up
CREATE TABLE payment (
	account_id             bigint        NOT NULL,
	id                     bigint        NOT NULL,
	operator_id            bigint        NOT NULL,
	unit_id                bigint        NOT NULL,
	set_id                 bigint        NOT NULL,
	file_id                bigint        NOT NULL,
	byte_offset            bigint        NOT NULL, -- of BPR
	position               integer       NOT NULL,
	usage                  text          NOT NULL,
	received_at            timestamptz   NOT NULL,
	key_hash               bytea         NOT NULL, -- the payment's identity
	handling_code          text,                   -- BPR01; in this table NULL means "not sent" unless said otherwise
	amount                 numeric(18,4) NOT NULL, -- BPR02
	credit_debit           text,                   -- BPR03
	method                 text,                   -- BPR04
	format                 text,                   -- BPR05
	payment_date           date,                   -- BPR16; NULL also: not a date
	trace_number           text          NOT NULL, -- TRN02
	payer_trace_id         text,                   -- TRN03
	payer_supplement       text,                   -- TRN04
	production_date        date,                   -- DTM*405
	currency               text,                   -- CUR02
	receiver_identifier    text,                   -- REF*EV
	payer_id               bigint,                 -- our payer; NULL: none of its ids is known
	payer_name             text,                   -- N1*PR
	payer_identifier       text,                   -- N1*PR N104
	payee_name             text,                   -- N1*PE
	payee_qualifier        text,                   -- N1*PE N103
	payee_identifier       text,                   -- N1*PE N104
	payee_npi              text,                   -- N104 with XX
	payee_tax_id           text,                   -- N104 with FI, or REF*TJ
	claims                 integer       NOT NULL,
	charge                 numeric(18,4) NOT NULL, -- ΣCLP03
	paid                   numeric(18,4) NOT NULL, -- ΣCLP04
	patient_responsibility numeric(18,4) NOT NULL, -- ΣCLP05
	adjustments            numeric(18,4) NOT NULL, -- Σ CAS of claims and lines
	provider_adjustments   numeric(18,4) NOT NULL, -- Σ PLB
	difference             numeric(18,4) NOT NULL, -- BPR02 − ΣCLP04 + ΣPLB
	balanced               boolean       NOT NULL,
	claims_unbalanced      integer       NOT NULL,
	first_claim_id         bigint,                 -- claims have ids first…last; NULL: no claims
	last_claim_id          bigint,
	duplicate_of           bigint,                 -- the same payment, loaded first; NULL: this is the first
	duplicate_kind         text CHECK (duplicate_kind IN ('duplicate', 'conflict')), -- NULL: not a duplicate
	counted                boolean       NOT NULL, -- stands in totals, worklists and posting
	decided_by             bigint,                 -- who let a duplicate count, or not; NULL: nobody yet
	decided_at             timestamptz,
	split_of               bigint,                 -- the payment this is a part of; NULL: whole
	extra                  jsonb,                  -- contacts, addresses, bank details, the rest; NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- The list of payments, newest first; sums of a period.
CREATE INDEX payment_by_date ON payment (account_id, payment_date DESC, id DESC);
-- Reassociation with the deposit, and search by check or EFT number.
CREATE INDEX payment_by_trace ON payment (account_id, trace_number);
SELECT ediport_protect_account('payment', 'SELECT');
GRANT UPDATE (counted, decided_by, decided_at) ON payment TO ediport_app;

CREATE TABLE claim_payment (
	account_id             bigint        NOT NULL,
	id                     bigint        NOT NULL,
	payment_id             bigint        NOT NULL,
	ordinal                integer       NOT NULL, -- of CLP in the payment; with payment_id the claim payment's identity
	unit_id                bigint        NOT NULL,
	set_id                 bigint        NOT NULL,
	file_id                bigint        NOT NULL,
	byte_offset            bigint        NOT NULL,
	position               integer       NOT NULL,
	usage                  text          NOT NULL,
	payment_date           date,                   -- of the payment; in this table NULL means "not sent" unless said otherwise
	payer_id               bigint,                 -- of the payment
	payee_identifier       text,                   -- of the payment
	patient_control_number text          NOT NULL, -- CLP01, '' and "0" never thread
	status_code            text          NOT NULL, -- CLP02
	charge                 numeric(18,4) NOT NULL, -- CLP03
	paid                   numeric(18,4) NOT NULL, -- CLP04
	patient_responsibility numeric(18,4),          -- CLP05
	filing_indicator       text,                   -- CLP06
	payer_claim_control_number text,               -- CLP07
	facility_code          text,                   -- CLP08
	frequency_code         text,                   -- CLP09
	drg_code               text,                   -- CLP11
	drg_weight             numeric(18,6),          -- CLP12
	discharge_fraction     numeric(18,6),          -- CLP13
	patient_last_name      text,                   -- NM1*QC
	patient_first_name     text,
	patient_member_id      text,                   -- NM109
	insured_last_name      text,                   -- NM1*IL
	insured_first_name     text,
	insured_member_id      text,
	rendering_name         text,                   -- NM1*82
	rendering_npi          text,
	statement_from         date,                   -- DTM*232, 036 is in extra
	statement_to           date,                   -- DTM*233
	payer_received         date,                   -- DTM*050
	remark_codes           text[],                 -- MIA, MOA
	adjustments            numeric(18,4) NOT NULL, -- Σ CAS of the claim and its lines
	difference             numeric(18,4) NOT NULL, -- charge − paid − adjustments
	balanced               boolean       NOT NULL,
	lines                  integer       NOT NULL,
	denied_lines           integer       NOT NULL, -- a denied claim without lines counts 1
	reversal               boolean       NOT NULL, -- CLP02 = 22
	reverses_claim_id      bigint,                 -- the claim payment it undoes; NULL: not a reversal, or original not on file
	reversed_by_claim_id   bigint,                 -- NULL: stands
	corrects_claim_id      bigint,                 -- the reversed claim payment it replaces; NULL: none known
	extra                  jsonb,                  -- other names, references, amounts, quantities, contacts; NULL: nothing
	PRIMARY KEY (account_id, id)
);
-- Search by the provider's number; threads; reversals find their originals.
CREATE INDEX claim_payment_by_patient_control_number ON claim_payment (account_id, patient_control_number);
-- Search by the payer's number; threads; a PLB finds the claim it names.
CREATE INDEX claim_payment_by_payer_number ON claim_payment (account_id, payer_claim_control_number);
SELECT ediport_protect_account('claim_payment', 'SELECT');

CREATE TABLE service_line (
	account_id             bigint        NOT NULL,
	claim_id               bigint        NOT NULL,
	line_no                integer       NOT NULL, -- of SVC in the claim, from 1
	byte_offset            bigint        NOT NULL,
	position               integer       NOT NULL,
	procedure_qualifier    text,                   -- SVC01-1; in this table NULL means "not sent"
	procedure_code         text,                   -- SVC01-2
	modifiers              text[],                 -- SVC01-3…6
	charge                 numeric(18,4),          -- SVC02
	paid                   numeric(18,4),          -- SVC03
	revenue_code           text,                   -- SVC04
	units_paid             numeric(18,6),          -- SVC05
	submitted_code         text,                   -- SVC06-2
	units_charged          numeric(18,6),          -- SVC07
	service_from           date,                   -- DTM*150 or 472
	service_to             date,                   -- DTM*151 or 472
	allowed                numeric(18,4),          -- AMT*B6
	line_control_number    text,                   -- REF*6R
	rendering_npi          text,                   -- REF*HPI
	remark_codes           text[],                 -- LQ*HE
	difference             numeric(18,4) NOT NULL, -- charge − paid − adjustments of the line
	denied                 boolean       NOT NULL, -- charged, nothing paid, and not only written off
	extra                  jsonb,                  -- the rest; NULL: nothing
	PRIMARY KEY (account_id, claim_id, line_no)
);
SELECT ediport_protect_account('service_line', 'SELECT');

CREATE TABLE adjustment (
	account_id  bigint        NOT NULL,
	claim_id    bigint        NOT NULL,
	line_no     integer       NOT NULL, -- 0: of the claim
	adj_no      integer       NOT NULL, -- of the triple within claim or line
	byte_offset bigint        NOT NULL, -- of CAS
	position    integer       NOT NULL,
	group_code  text          NOT NULL, -- CAS01
	reason_code text          NOT NULL, -- CAS02, 05 …
	amount      numeric(18,4) NOT NULL, -- CAS03, 06 …
	quantity    numeric(18,6),          -- CAS04, 07 …; NULL: not sent
	PRIMARY KEY (account_id, claim_id, line_no, adj_no)
);
SELECT ediport_protect_account('adjustment', 'SELECT');

CREATE TABLE provider_adjustment (
	account_id           bigint        NOT NULL,
	payment_id           bigint        NOT NULL,
	no                   integer       NOT NULL, -- of the pair in the payment
	byte_offset          bigint        NOT NULL, -- of PLB
	position             integer       NOT NULL,
	provider_identifier  text          NOT NULL, -- PLB01
	fiscal_period        date,                   -- PLB02; NULL: not a date
	reason_code          text          NOT NULL, -- PLB03-1
	reference            text,                   -- PLB03-2; NULL: not sent
	amount               numeric(18,4) NOT NULL, -- PLB04
	claim_id             bigint,                 -- the claim payment the reference names; NULL: not on file, or none
	other_payment_id     bigint,                 -- FB: the payment with its other half; NULL: not on file, or not FB
	PRIMARY KEY (account_id, payment_id, no)
);
-- FB out finds FB in, and search by reference.
CREATE INDEX provider_adjustment_by_reference ON provider_adjustment (account_id, reference);
SELECT ediport_protect_account('provider_adjustment', 'SELECT');

-- Reversals that still lack their original, or a correction. Few, so that holding each new claim
-- against them costs little, while most files bring no reversal at all.
CREATE TABLE open_reversal (
	account_id             bigint        NOT NULL,
	reversal_claim_id      bigint        NOT NULL,
	original_claim_id      bigint,                 -- NULL: original not on file
	payer_id               bigint,                 -- as all below: of the reversal, NULL as there (in this table NULL means that)
	payee_identifier       text,
	patient_control_number text          NOT NULL,
	payer_claim_control_number text,
	charge                 numeric(18,4) NOT NULL, -- of the original: CLP03 of the reversal, negated
	payment_date           date,
	statement_from         date,
	usage                  text          NOT NULL,
	PRIMARY KEY (account_id, reversal_claim_id)
);
SELECT ediport_protect_account('open_reversal', 'SELECT');
