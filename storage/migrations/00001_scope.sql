-- Why: everything below leans on two questions, "which accounts?" and "which operator?". They are
-- asked of the transaction's own settings, so that a forgotten WHERE shows nothing, not everything.
-- The settings are made by storage.InScope with SET LOCAL; SET LOCAL leaves '' behind on a pooled
-- connection, hence nullif: unset and '' both mean "nobody", which is no rows and no error.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION ediport_accounts() RETURNS bigint[]
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(string_to_array(nullif(current_setting('ediport.accounts', true), ''), ',')::bigint[], '{}'::bigint[]) $$;
-- +goose StatementEnd

-- The operator whose exchange plane may be seen; NULL (no rows) for users of accounts.
-- +goose StatementBegin
CREATE FUNCTION ediport_operator() RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT nullif(current_setting('ediport.operator', true), '')::bigint $$;
-- +goose StatementEnd

-- The operator whose shared reference data (payers) may be read, also by users of its accounts.
-- +goose StatementBegin
CREATE FUNCTION ediport_home() RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT nullif(current_setting('ediport.home', true), '')::bigint $$;
-- +goose StatementEnd

-- Locks a business-plane table to the accounts in scope and grants what the application may do.
-- The scalar sub-select makes the planner ask once per statement, not once per row.
-- +goose StatementBegin
CREATE FUNCTION ediport_protect_account(target regclass, privileges text) RETURNS void
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
	EXECUTE format('CREATE POLICY by_account ON %s TO ediport_app '
		'USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]))', target);
	EXECUTE format('GRANT %s ON %s TO ediport_app', privileges, target);
END $$;
-- +goose StatementEnd

-- The same for the exchange plane: rows of the operator in scope.
-- +goose StatementBegin
CREATE FUNCTION ediport_protect_operator(target regclass, privileges text) RETURNS void
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
	EXECUTE format('CREATE POLICY by_operator ON %s TO ediport_app '
		'USING (operator_id = (SELECT ediport_operator()))', target);
	EXECUTE format('GRANT %s ON %s TO ediport_app', privileges, target);
END $$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION ediport_protect_account(regclass, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ediport_protect_operator(regclass, text) FROM PUBLIC;

-- Row ids come from here in blocks, so that the parents and children of a file can be written by
-- COPY without asking the database for each key. Gaps are normal.
CREATE TABLE id_block (
	kind text PRIMARY KEY,
	next bigint NOT NULL CHECK (next > 0)
);
GRANT SELECT, INSERT, UPDATE ON id_block TO ediport_app;

-- Settings that live in the database. Operator 0 is the installation.
CREATE TABLE setting (
	operator_id bigint      NOT NULL,
	key         text        NOT NULL,
	value       jsonb       NOT NULL,
	updated_at  timestamptz NOT NULL DEFAULT now(),
	updated_by  bigint,               -- NULL: by the installation itself or the command line
	PRIMARY KEY (operator_id, key)
);
SELECT ediport_protect_operator('setting', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY installation ON setting FOR SELECT TO ediport_app USING (operator_id = 0);
