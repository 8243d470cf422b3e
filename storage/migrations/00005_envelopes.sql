-- Why: file → interchange → group → set, each known by its ordinal in its parent because control
-- numbers repeat; and the routing units in which one set is shared out to several accounts.
-- Verdict, disposition and acknowledgment are three facts, kept in three columns.

-- +goose Up
CREATE TABLE interchange (
	operator_id        bigint      NOT NULL,
	id                 bigint      NOT NULL,
	file_id            bigint      NOT NULL,
	ordinal            integer     NOT NULL, -- in the file, from 1
	byte_start         bigint      NOT NULL,
	byte_end           bigint      NOT NULL, -- first byte after it
	complete           boolean     NOT NULL, -- IEA was there
	segments           bigint      NOT NULL,
	groups             integer     NOT NULL,
	sender_qualifier   text        NOT NULL, -- ISA05; these as sent, trimmed
	sender_id          text        NOT NULL, -- ISA06
	receiver_qualifier text        NOT NULL, -- ISA07
	receiver_id        text        NOT NULL, -- ISA08
	date_sent          text        NOT NULL, -- ISA09, has no zone: kept as sent
	time_sent          text        NOT NULL, -- ISA10
	version            text        NOT NULL, -- ISA12
	control_number     text        NOT NULL, -- ISA13
	ta1_requested      boolean     NOT NULL, -- ISA14 = 1
	usage              text        NOT NULL, -- ISA15
	partner_id         bigint,     -- NULL: no partner has these identities
	content_hash       bytea       NOT NULL,
	disposition        text        NOT NULL CHECK (disposition IN ('loaded', 'loaded_with_findings', 'held', 'duplicate', 'unsupported', 'discarded')),
	disposition_reason text,       -- a code; NULL: the disposition speaks for itself
	duplicate_of       bigint,     -- the first interchange with this key and content; NULL: this is it
	reuses             bigint,     -- an earlier one with this key and other content; NULL: none
	ta1_code           text,       -- TA104 we answered; NULL: none
	ta1_note           text,       -- TA105 we answered; NULL: none
	ta1_file_id        bigint,     -- NULL: none was sent
	received_at        timestamptz NOT NULL,
	PRIMARY KEY (operator_id, id)
);
-- The interchanges of a file in order.
CREATE INDEX interchange_by_file ON interchange (operator_id, file_id, ordinal);
-- "Where is my interchange 000000123?", and TA1 to its interchange.
CREATE INDEX interchange_by_control_number ON interchange (operator_id, control_number, id);

CREATE TABLE functional_group (
	operator_id         bigint  NOT NULL,
	id                  bigint  NOT NULL,
	file_id             bigint  NOT NULL,
	interchange_id      bigint  NOT NULL,
	ordinal             integer NOT NULL, -- in the interchange
	byte_start          bigint  NOT NULL,
	byte_end            bigint  NOT NULL,
	sets                integer NOT NULL,
	functional_id       text    NOT NULL, -- GS01
	sender_code         text    NOT NULL, -- GS02
	receiver_code       text    NOT NULL, -- GS03
	date_sent           text    NOT NULL, -- GS04, has no zone: kept as sent
	time_sent           text    NOT NULL, -- GS05
	control_number      text    NOT NULL, -- GS06
	version             text    NOT NULL, -- GS08
	disposition         text    NOT NULL CHECK (disposition IN ('loaded', 'loaded_with_findings', 'held', 'duplicate', 'unsupported', 'discarded')),
	acknowledgment      text    NOT NULL DEFAULT 'none' CHECK (acknowledgment IN ('none', 'A', 'E', 'P', 'R')),
	acknowledgment_file_id bigint,        -- NULL: not sent
	acknowledged_at     timestamptz,      -- NULL: not sent
	PRIMARY KEY (operator_id, id)
);
-- The groups of a file in order.
CREATE INDEX functional_group_by_file ON functional_group (operator_id, file_id, interchange_id, ordinal);
-- The group a 999 answers (outbound), by GS06.
CREATE INDEX functional_group_by_control_number ON functional_group (operator_id, control_number, id);

CREATE TABLE transaction_set (
	operator_id        bigint  NOT NULL,
	id                 bigint  NOT NULL,
	file_id            bigint  NOT NULL,
	interchange_id     bigint  NOT NULL,
	group_id           bigint  NOT NULL,
	ordinal            integer NOT NULL, -- in the group
	file_ordinal       integer NOT NULL, -- in the file
	byte_start         bigint  NOT NULL,
	byte_end           bigint  NOT NULL,
	segments           integer NOT NULL, -- ST and SE included, whatever SE01 says
	set_code           text    NOT NULL, -- ST01
	control_number     text    NOT NULL, -- ST02
	version            text    NOT NULL, -- GS08 as sent
	guide              text    NOT NULL, -- the guide applied, '' if none
	usage              text    NOT NULL, -- ISA15
	verdict            text    NOT NULL CHECK (verdict IN ('accepted', 'accepted_with_errors', 'rejected', 'unchecked')),
	disposition        text    NOT NULL CHECK (disposition IN ('loaded', 'loaded_with_findings', 'held', 'duplicate', 'unsupported', 'discarded')),
	disposition_reason text,             -- a code; NULL: the disposition speaks for itself
	decided_by         bigint,           -- who loaded or discarded it by hand; NULL: nobody
	acknowledgment     text    NOT NULL DEFAULT 'none' CHECK (acknowledgment IN ('none', 'A', 'E', 'R')),
	errors             integer NOT NULL DEFAULT 0, -- findings by severity
	warnings           integer NOT NULL DEFAULT 0,
	PRIMARY KEY (operator_id, id)
);
-- The sets of a file in order.
CREATE INDEX transaction_set_by_file ON transaction_set (operator_id, file_id, file_ordinal);
-- The queue of held sets.
CREATE INDEX transaction_set_held ON transaction_set (operator_id, id) WHERE disposition = 'held';

-- Counts and sums over the whole set. Apart from the set because they speak of all its accounts,
-- and an account's user may know that the set exists but not its neighbours' money.
CREATE TABLE transaction_set_summary (
	operator_id bigint NOT NULL,
	set_id      bigint NOT NULL,
	summary     jsonb  NOT NULL,
	PRIMARY KEY (operator_id, set_id)
);
SELECT ediport_protect_operator('transaction_set_summary', 'SELECT');

-- Tells an account that a set exists, and lets it see the envelopes around it.
CREATE TABLE transaction_set_account (
	account_id     bigint NOT NULL,
	set_id         bigint NOT NULL,
	operator_id    bigint NOT NULL,
	file_id        bigint NOT NULL,
	interchange_id bigint NOT NULL,
	group_id       bigint NOT NULL,
	PRIMARY KEY (account_id, set_id)
);
-- The policies of file, interchange and group ask this; newest files of an account come from it too.
CREATE INDEX transaction_set_account_by_file ON transaction_set_account (account_id, file_id, interchange_id, group_id);
ALTER TABLE transaction_set_account ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON transaction_set_account TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON transaction_set_account TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT ON transaction_set_account TO ediport_app;

-- One part of a set that goes to one account. Raw view and download of an account's user show
-- byte_start…byte_end and the context ranges, nothing else.
CREATE TABLE routing_unit (
	operator_id     bigint   NOT NULL,
	id              bigint   NOT NULL,
	set_id          bigint   NOT NULL,
	file_id         bigint   NOT NULL,
	ordinal         integer  NOT NULL, -- in the set
	kind            text     NOT NULL CHECK (kind IN ('set', 'patient', 'provider')),
	byte_start      bigint   NOT NULL,
	byte_end        bigint   NOT NULL,
	context_ranges  bigint[] NOT NULL, -- pairs start, end: ISA, GS, ST and parent loops, their trailers
	account_id      bigint   NOT NULL, -- the operator's unrouted account if none
	routed_by       text     NOT NULL CHECK (routed_by IN ('request', 'rule', 'npi', 'tin', 'payer_assigned', 'hand_in', 'person', 'none', 'ambiguous')),
	identity_kind   text,              -- kind of the identifier that routed it, or would have; NULL: the unit names none
	identity_value  text,              -- of the provider; NULL as identity_kind
	candidates      bigint[],          -- accounts that hit at the same step; NULL: not ambiguous
	usage           text     NOT NULL,
	received_at     timestamptz NOT NULL,
	PRIMARY KEY (operator_id, id)
);
-- The units of a set in order.
CREATE INDEX routing_unit_by_set ON routing_unit (operator_id, set_id, ordinal);
-- The unrouted queue, oldest first; an account's own units.
CREATE INDEX routing_unit_by_account ON routing_unit (account_id, id);
ALTER TABLE routing_unit ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON routing_unit TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON routing_unit TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT ON routing_unit TO ediport_app;

-- What a guide or an envelope rule dislikes. Inside a routing unit it belongs to the unit's account.
CREATE TABLE finding (
	operator_id         bigint  NOT NULL,
	file_id             bigint  NOT NULL,
	no                  integer NOT NULL, -- in the file, in file order
	interchange_ordinal integer NOT NULL, -- 0: does not apply
	group_ordinal       integer NOT NULL,
	set_ordinal         integer NOT NULL,
	set_id              bigint,           -- NULL: outside any set
	unit_id             bigint,           -- NULL: outside any routing unit, exchange plane
	account_id          bigint,           -- of the unit; NULL as unit_id
	severity            text    NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
	snip                smallint NOT NULL,
	code_kind           text    NOT NULL,
	code_value          text    NOT NULL,
	loop                text    NOT NULL, -- '' outside loops
	segment             text    NOT NULL,
	position            integer NOT NULL, -- ST is 1; 0 for envelopes
	element             smallint NOT NULL,
	component           smallint NOT NULL,
	repetition          smallint NOT NULL,
	byte_offset         bigint  NOT NULL,
	line                bigint  NOT NULL,
	message             text    NOT NULL,
	value               text,             -- NULL: policy does not keep it, or there is none
	PRIMARY KEY (operator_id, file_id, no)
);
-- The findings of a set, for its page.
CREATE INDEX finding_by_set ON finding (operator_id, set_id, no) WHERE set_id IS NOT NULL;
-- The findings an account may see.
CREATE INDEX finding_by_account ON finding (account_id, file_id, no) WHERE account_id IS NOT NULL;
ALTER TABLE finding ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON finding TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON finding TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT ON finding TO ediport_app;

-- Operators see their exchange plane; users of accounts see envelopes around their own sets only.
SELECT ediport_protect_operator('file', 'SELECT, INSERT, UPDATE');
CREATE POLICY by_account ON file FOR SELECT TO ediport_app USING (EXISTS (
	SELECT 1 FROM transaction_set_account a
	WHERE a.account_id = ANY ((SELECT ediport_accounts())::bigint[]) AND a.file_id = file.id));
SELECT ediport_protect_operator('file_event', 'SELECT, INSERT');
CREATE POLICY by_account ON file_event FOR SELECT TO ediport_app USING (EXISTS (
	SELECT 1 FROM transaction_set_account a
	WHERE a.account_id = ANY ((SELECT ediport_accounts())::bigint[]) AND a.file_id = file_event.file_id));
SELECT ediport_protect_operator('interchange', 'SELECT');
CREATE POLICY by_account ON interchange FOR SELECT TO ediport_app USING (EXISTS (
	SELECT 1 FROM transaction_set_account a
	WHERE a.account_id = ANY ((SELECT ediport_accounts())::bigint[])
		AND a.file_id = interchange.file_id AND a.interchange_id = interchange.id));
SELECT ediport_protect_operator('functional_group', 'SELECT');
CREATE POLICY by_account ON functional_group FOR SELECT TO ediport_app USING (EXISTS (
	SELECT 1 FROM transaction_set_account a
	WHERE a.account_id = ANY ((SELECT ediport_accounts())::bigint[])
		AND a.file_id = functional_group.file_id AND a.interchange_id = functional_group.interchange_id
		AND a.group_id = functional_group.id));
SELECT ediport_protect_operator('transaction_set', 'SELECT');
CREATE POLICY by_account ON transaction_set FOR SELECT TO ediport_app USING (EXISTS (
	SELECT 1 FROM transaction_set_account a
	WHERE a.account_id = ANY ((SELECT ediport_accounts())::bigint[]) AND a.set_id = transaction_set.id));
