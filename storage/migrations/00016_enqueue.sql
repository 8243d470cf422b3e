-- Why: a job is enqueued inside our own transaction, which is lib/pq's, while River speaks pgx. This
-- function is the one place that knows River's table; it runs with the owner's rights so that nobody
-- else needs any on it. River's tables are made after this file; the body is checked when it runs.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION ediport_enqueue(
	job_kind text, job_args jsonb, job_queue text, job_max_attempts integer, job_priority integer, job_at timestamptz
) RETURNS bigint
	LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	job_id bigint;
BEGIN
	INSERT INTO river_job (kind, args, queue, max_attempts, priority, state, scheduled_at)
	VALUES (job_kind, job_args, job_queue, job_max_attempts, job_priority,
		CASE WHEN job_at > now() THEN 'scheduled'::river_job_state ELSE 'available'::river_job_state END,
		coalesce(job_at, now()))
	RETURNING id INTO job_id;
	IF job_at IS NULL OR job_at <= now() THEN
		PERFORM pg_notify(current_schema() || '.river_insert', json_build_object('queue', job_queue)::text);
	END IF;
	RETURN job_id;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION ediport_enqueue(text, jsonb, text, integer, integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ediport_enqueue(text, jsonb, text, integer, integer, timestamptz) TO ediport_app;
