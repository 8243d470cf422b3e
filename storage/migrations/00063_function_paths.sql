-- Why: ediport_audit_place looked for its tables in "public", whatever the schema is, and the other functions that
-- run with the owner's rights let a temporary table of the caller stand in for one of ours, since those are looked at
-- first where the path does not name them. All of them now look in the schema of this installation, and in temporary
-- tables last, which finds none of ours there.

-- +goose Up
-- +goose StatementBegin
DO $$
DECLARE
	name regprocedure;
BEGIN
	FOR name IN
		SELECT p.oid
		FROM pg_proc p
		WHERE p.prosecdef AND p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'ediport\_%'
	LOOP
		EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
	END LOOP;
END $$;
-- +goose StatementEnd
