-- Why: a pull of many small files asks for as many jobs, and one call, and one notice, for each of them took more of the
-- database than everything else about a file. Like ediport_enqueue, for jobs that differ in their arguments only and
-- are to start at once.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION ediport_enqueue_all(
	job_kind text, job_args jsonb[], job_queue text, job_max_attempts integer, job_priority integer
) RETURNS bigint
	LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	jobs bigint;
BEGIN
	INSERT INTO river_job (kind, args, queue, max_attempts, priority, state, scheduled_at)
	SELECT job_kind, a.args, job_queue, job_max_attempts, job_priority, 'available'::river_job_state, now()
	FROM unnest(job_args) WITH ORDINALITY AS a (args, no)
	ORDER BY a.no;
	GET DIAGNOSTICS jobs = ROW_COUNT;
	IF jobs > 0 THEN
		PERFORM pg_notify(current_schema() || '.river_insert', json_build_object('queue', job_queue)::text);
	END IF;
	RETURN jobs;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION ediport_enqueue_all(text, jsonb[], text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ediport_enqueue_all(text, jsonb[], text, integer, integer) TO ediport_app;
