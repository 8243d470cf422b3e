-- Why: what must not rest on one person's word waits here for a second one, and is done in the transaction
-- of his decision. An emergency is the other way round: one person's word is enough, for an hour, and
-- others look at it afterwards.

-- +goose Up
CREATE TABLE approval (
	operator_id  bigint      NOT NULL,
	id           bigint      NOT NULL,
	account_id   bigint,               -- NULL: of the operator itself
	kind         text        NOT NULL CHECK (kind IN ('host_key.replace', 'policy.weaken', 'purge', 'export.bulk')),
	object_kind  text        NOT NULL DEFAULT '',
	object_id    bigint      NOT NULL DEFAULT 0, -- 0: no single one
	summary      text        NOT NULL, -- what is asked for, in a sentence without data of patients
	reason       text        NOT NULL,
	payload      jsonb       NOT NULL, -- what it takes to do it; nothing secret
	requested_by bigint      NOT NULL,
	requested_at timestamptz NOT NULL,
	expires_at   timestamptz NOT NULL,
	decision     text CHECK (decision IN ('approved', 'rejected', 'withdrawn', 'expired')), -- NULL: none yet
	decided_by   bigint,               -- NULL: nobody
	decided_at   timestamptz,          -- NULL as decision
	note         text,                 -- of who decided; NULL: none
	PRIMARY KEY (operator_id, id),
	CHECK (decision IS DISTINCT FROM 'approved' OR decided_by <> requested_by)
);
-- One open request about the same thing; those that wait.
CREATE UNIQUE INDEX approval_open ON approval (operator_id, kind, object_kind, object_id, coalesce(account_id, 0)) WHERE decision IS NULL;
SELECT ediport_protect_operator('approval', 'SELECT, INSERT, UPDATE');
CREATE POLICY by_account ON approval TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));

CREATE TABLE break_glass (
	operator_id bigint      NOT NULL,
	id          bigint      NOT NULL,
	account_id  bigint      NOT NULL,
	user_id     bigint      NOT NULL,
	role        text        NOT NULL,
	reason      text        NOT NULL,
	started_at  timestamptz NOT NULL,
	ends_at     timestamptz NOT NULL,
	ended_at    timestamptz,          -- ended early; NULL: at ends_at
	reviewed_at timestamptz,          -- NULL: not looked at yet
	reviewed_by bigint,               -- NULL as reviewed_at
	review      text,                 -- NULL as reviewed_at
	PRIMARY KEY (operator_id, id),
	CHECK (ends_at > started_at AND ends_at <= started_at + interval '60 minutes'),
	CHECK (reviewed_by IS NULL OR reviewed_by <> user_id)
);
-- An account's own, newest first.
CREATE INDEX break_glass_by_account ON break_glass (account_id, id DESC);
SELECT ediport_protect_operator('break_glass', 'SELECT, INSERT, UPDATE');
CREATE POLICY by_account ON break_glass TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));

-- The alarm is an incident about the account.
ALTER TABLE incident DROP CONSTRAINT incident_subject_kind_check;
ALTER TABLE incident ADD CONSTRAINT incident_subject_kind_check
	CHECK (subject_kind IN ('connection', 'schedule', 'file', 'run', 'installation', 'account'));
