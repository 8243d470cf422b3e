-- Why: address, telephone and providers of a practice change from a day on, somebody of the practice asks for it, and
-- whoever runs the exchange looks at it first. All versions stay: what held on a day is the last approved one whose day had come.

-- +goose Up
CREATE TABLE practice_detail (
	account_id    bigint      NOT NULL,
	id            bigint      NOT NULL,
	operator_id   bigint      NOT NULL,
	state         text        NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn')),
	effective_on  date        NOT NULL, -- first day, in the account's zone
	details       jsonb       NOT NULL, -- address, telephone, contacts, providers: all of them, not the difference
	reason        text        NOT NULL, -- in the words of who asked; '': none given
	requested_by  bigint,               -- NULL: the command line or a token without a person
	requested_at  timestamptz NOT NULL DEFAULT now(),
	decided_by    bigint,               -- NULL: not decided, or as requested_by
	decided_at    timestamptz,          -- NULL: not decided
	decision_note text        NOT NULL DEFAULT '',
	PRIMARY KEY (account_id, id)
);
-- The history of an account, and what holds on a day.
CREATE INDEX practice_detail_by_day ON practice_detail (account_id, effective_on, id);
-- What waits for the operator.
CREATE INDEX practice_detail_waiting ON practice_detail (operator_id, requested_at) WHERE state = 'requested';
-- One request at a time for an account.
CREATE UNIQUE INDEX practice_detail_open ON practice_detail (account_id) WHERE state = 'requested';
ALTER TABLE practice_detail ENABLE ROW LEVEL SECURITY;
-- People of the account read, ask and take back; who decides is the operator, in whose scope it is done.
CREATE POLICY by_account ON practice_detail FOR SELECT TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
CREATE POLICY ask ON practice_detail FOR INSERT TO ediport_app
	WITH CHECK (account_id = ANY ((SELECT ediport_accounts())::bigint[]) AND state = 'requested');
CREATE POLICY take_back ON practice_detail FOR UPDATE TO ediport_app
	USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]) AND state = 'requested')
	WITH CHECK (state = 'withdrawn');
CREATE POLICY by_operator ON practice_detail TO ediport_app USING (operator_id = (SELECT ediport_operator()));
GRANT SELECT, INSERT, UPDATE ON practice_detail TO ediport_app;
