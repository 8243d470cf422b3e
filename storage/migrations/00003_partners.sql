-- Why: a partner is who connects, a payer is who pays; at a clearinghouse they differ. Both have
-- many identities, and the partner carries its policies on findings, reuse and acknowledgments.

-- +goose Up
CREATE TABLE partner (
	operator_id          bigint      NOT NULL,
	id                   bigint      NOT NULL,
	name                 text        NOT NULL,
	time_zone            text        NOT NULL DEFAULT 'America/New_York',
	usage                text        NOT NULL DEFAULT 'P' CHECK (usage IN ('P', 'T')),
	request_policy       text        NOT NULL DEFAULT 'strict'  CHECK (request_policy IN ('receive', 'strict')),
	answer_policy        text        NOT NULL DEFAULT 'receive' CHECK (answer_policy IN ('receive', 'strict')),
	reuse_policy         text        NOT NULL DEFAULT 'warn'    CHECK (reuse_policy IN ('allow', 'warn', 'hold', 'reject')),
	reuse_window_days    integer     NOT NULL DEFAULT 400 CHECK (reuse_window_days > 0),
	acknowledge_requests boolean     NOT NULL DEFAULT true,
	acknowledge_answers  boolean     NOT NULL DEFAULT false, -- nothing leaves before a person turns it on
	sets_per_interchange integer     NOT NULL DEFAULT 5000 CHECK (sets_per_interchange > 0),
	patients_per_set     integer     NOT NULL DEFAULT 1 CHECK (patients_per_set BETWEEN 1 AND 99),
	clocks               jsonb       NOT NULL DEFAULT '{}', -- overdue clocks that differ from the defaults
	settings             jsonb       NOT NULL DEFAULT '{}',
	created_at           timestamptz NOT NULL DEFAULT now(),
	closed_at            timestamptz,                       -- NULL: active
	PRIMARY KEY (operator_id, id),
	UNIQUE (operator_id, name)
);
SELECT ediport_protect_operator('partner', 'SELECT, INSERT, UPDATE');

-- The ISA and GS identities of the two sides; a file finds its partner by them.
CREATE TABLE partner_identity (
	operator_id bigint  NOT NULL,
	partner_id  bigint  NOT NULL,
	id          bigint  NOT NULL,
	side        text    NOT NULL CHECK (side IN ('theirs', 'ours')),
	qualifier   text,            -- ISA05 or ISA07; NULL: not compared
	identifier  text    NOT NULL, -- ISA06 or ISA08, trimmed
	group_code  text,            -- GS02 or GS03; NULL: not compared
	PRIMARY KEY (operator_id, partner_id, id)
);
-- Finds the partner of an interchange by its sender.
CREATE INDEX partner_identity_by_identifier ON partner_identity (operator_id, identifier);
SELECT ediport_protect_operator('partner_identity', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE payer (
	operator_id bigint      NOT NULL,
	id          bigint      NOT NULL,
	name        text        NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT now(),
	merged_into bigint,     -- NULL: stands for itself
	PRIMARY KEY (operator_id, id)
);
ALTER TABLE payer ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_operator ON payer TO ediport_app USING (operator_id = (SELECT ediport_operator()));
CREATE POLICY by_home ON payer FOR SELECT TO ediport_app USING (operator_id = (SELECT ediport_home()));
GRANT SELECT, INSERT, UPDATE ON payer TO ediport_app;

-- NM109 with PI or XV, N104, REF*2U, TRN03: the ids one payer is known by. Partner 0 is any partner.
CREATE TABLE payer_identifier (
	operator_id bigint NOT NULL,
	kind        text   NOT NULL CHECK (kind IN ('PI', 'XV', 'N104', '2U', 'TRN03', 'FI', 'XX')),
	value       text   NOT NULL CHECK (value <> ''),
	partner_id  bigint NOT NULL DEFAULT 0,
	payer_id    bigint NOT NULL,
	PRIMARY KEY (operator_id, kind, value, partner_id)
);
-- Lists the ids of one payer.
CREATE INDEX payer_identifier_by_payer ON payer_identifier (operator_id, payer_id);
ALTER TABLE payer_identifier ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_operator ON payer_identifier TO ediport_app USING (operator_id = (SELECT ediport_operator()));
CREATE POLICY by_home ON payer_identifier FOR SELECT TO ediport_app USING (operator_id = (SELECT ediport_home()));
GRANT SELECT, INSERT, UPDATE, DELETE ON payer_identifier TO ediport_app;
