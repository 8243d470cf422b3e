-- Why: who saw and did what. Rows are appended in the act's own transaction; the application may insert
-- and read, nobody it runs as may change or remove one. A sealer hashes ranges into a chain later.

-- +goose Up
CREATE TABLE audit_event (
	operator_id    bigint      NOT NULL, -- 0: before any is known (a failed sign-in)
	id             bigint      NOT NULL,
	account_id     bigint,               -- NULL: of no account
	at             timestamptz NOT NULL DEFAULT clock_timestamp(),
	actor_kind     text        NOT NULL CHECK (actor_kind IN ('user', 'token', 'job', 'cli', 'system', 'anonymous')),
	actor_id       bigint,               -- NULL: has none
	action         text        NOT NULL, -- "signin.succeeded", "claim.viewed"
	object_kind    text,                 -- NULL: no object
	object_id      bigint,               -- NULL: no object
	result         text        NOT NULL CHECK (result IN ('ok', 'denied', 'failed')),
	address        text,                 -- NULL: not over a network
	correlation_id text,                 -- incident or request id; NULL: none
	detail         jsonb       NOT NULL DEFAULT '{}', -- never values of elements
	txid           xid8        NOT NULL DEFAULT pg_current_xact_id(), -- the sealer takes rows no open transaction can still precede
	PRIMARY KEY (operator_id, id)
);
-- An account's own audit, newest first.
CREATE INDEX audit_event_by_account ON audit_event (account_id, id DESC) WHERE account_id IS NOT NULL;
-- The sealer's next range.
CREATE INDEX audit_event_by_txid ON audit_event (txid, id);
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_account ON audit_event FOR SELECT TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY by_operator ON audit_event FOR SELECT TO ediport_app USING (operator_id = (SELECT ediport_operator()));
-- Anybody may add: an event that can't be written would stop the act, and writing reveals nothing.
CREATE POLICY append ON audit_event FOR INSERT TO ediport_app WITH CHECK (true);
GRANT SELECT, INSERT ON audit_event TO ediport_app;

-- One link of a chain: the hash over a range of events and the link before. Account 0: all events.
CREATE TABLE audit_seal (
	chain_account_id bigint      NOT NULL,
	no               bigint      NOT NULL,
	up_to            xid8        NOT NULL, -- covers events before this transaction and after the last seal's
	events           bigint      NOT NULL,
	hash             bytea       NOT NULL,
	previous_hash    bytea,                -- NULL: the first link
	sealed_at        timestamptz NOT NULL,
	PRIMARY KEY (chain_account_id, no)
);
GRANT SELECT ON audit_seal TO ediport_app;

-- Mail and webhooks to send, committed with the act that wants them. Payloads name things by id.
CREATE TABLE outbox (
	operator_id bigint      NOT NULL, -- 0: the installation's own
	id          bigint      NOT NULL,
	kind        text        NOT NULL CHECK (kind IN ('mail', 'webhook')),
	topic       text        NOT NULL,
	payload     jsonb       NOT NULL,
	state       text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')),
	attempts    integer     NOT NULL DEFAULT 0,
	due_at      timestamptz NOT NULL,
	sent_at     timestamptz,          -- NULL: not sent
	error_code  text,                 -- of the last attempt; NULL: none failed
	PRIMARY KEY (operator_id, id)
);
-- What is to be sent next.
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'waiting';
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_operator ON outbox FOR SELECT TO ediport_app USING (operator_id = (SELECT ediport_operator()));
CREATE POLICY append ON outbox FOR INSERT TO ediport_app WITH CHECK (true);
GRANT SELECT, INSERT ON outbox TO ediport_app;

-- A POST that is repeated gets the first one's answer. Outside tenancy: the actor is in the key. The
-- answer is kept as what it made, never as a body.
CREATE TABLE idempotency_key (
	actor_kind   text        NOT NULL,
	actor_id     bigint      NOT NULL,
	key          text        NOT NULL,
	request_hash bytea       NOT NULL,
	status       integer     NOT NULL,
	object_kind  text,                 -- NULL: nothing was made
	object_id    bigint,               -- NULL: nothing was made
	created_at   timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (actor_kind, actor_id, key)
);
-- Clean-up.
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
GRANT SELECT, INSERT ON idempotency_key TO ediport_app;
