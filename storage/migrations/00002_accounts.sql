-- Why: rows are owned by organizations (accounts); files are moved by the organization that runs the
-- exchange (operator). One installation may serve several operators, one operator many accounts.

-- +goose Up
CREATE TABLE operator (
	operator_id         bigint      NOT NULL PRIMARY KEY,
	name                text        NOT NULL,
	unrouted_account_id bigint      NOT NULL UNIQUE, -- holds what belongs to no account yet
	time_zone           text        NOT NULL DEFAULT 'America/New_York',
	created_at          timestamptz NOT NULL DEFAULT now()
);
SELECT ediport_protect_operator('operator', 'SELECT, UPDATE');

CREATE TABLE account (
	id          bigint      NOT NULL PRIMARY KEY,
	operator_id bigint      NOT NULL, -- whose exchange plane serves it
	kind        text        NOT NULL CHECK (kind IN ('practice', 'billing_service', 'clearinghouse', 'unrouted')),
	name        text        NOT NULL,
	time_zone   text,                 -- NULL: the operator's
	address     jsonb       NOT NULL DEFAULT '{}',
	settings    jsonb       NOT NULL DEFAULT '{}',
	created_at  timestamptz NOT NULL DEFAULT now(),
	closed_at   timestamptz           -- NULL: open
);
-- Lists the accounts of an operator by name.
CREATE INDEX account_by_operator ON account (operator_id, name, id);

ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON account FOR SELECT TO ediport_app USING (id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON account TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT, INSERT, UPDATE ON account TO ediport_app;

-- What routes answers to an account. Two accounts with the same identifier is a question for a
-- person, not an error, so nothing here is unique.
CREATE TABLE account_identifier (
	account_id  bigint NOT NULL,
	id          bigint NOT NULL,
	operator_id bigint NOT NULL,
	kind        text   NOT NULL CHECK (kind IN ('npi', 'tin', 'submitter', 'payer_assigned')),
	value       text   NOT NULL CHECK (value <> ''),
	partner_id  bigint,              -- NULL: whoever the partner is
	valid_from  date,                -- NULL: since ever
	valid_to    date,                -- NULL: for ever
	created_at  timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id)
);
-- Routing loads the identifiers of an operator at the start of a file.
CREATE INDEX account_identifier_by_operator ON account_identifier (operator_id, kind, value);

ALTER TABLE account_identifier ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON account_identifier FOR SELECT TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON account_identifier TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT, INSERT, UPDATE, DELETE ON account_identifier TO ediport_app;

-- Explicit routing rules: partner + GS03 or ISA08 says the account.
CREATE TABLE routing_rule (
	operator_id    bigint NOT NULL,
	id             bigint NOT NULL,
	partner_id     bigint,           -- NULL: any partner
	group_receiver text,             -- GS03; NULL: not compared
	receiver       text,             -- ISA08, trimmed; NULL: not compared
	account_id     bigint NOT NULL,
	created_at     timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (operator_id, id),
	CHECK (group_receiver IS NOT NULL OR receiver IS NOT NULL)
);
SELECT ediport_protect_operator('routing_rule', 'SELECT, INSERT, UPDATE, DELETE');
