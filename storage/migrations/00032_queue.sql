-- Why: people see the queue, try dead work again, put it aside, and stop what runs. The application
-- has no right on River's table, which knows no operators; these functions are all it may do there,
-- for the operator in scope. Their bodies are checked when they run: River's table is made after this file.

-- +goose Up
-- The newest jobs of the operator below an id. A job is dead if it was given up with an error and is
-- not done by itself again. Of errors only codes leave.
-- +goose StatementBegin
CREATE FUNCTION ediport_jobs(
	want_id bigint, want_kind text, want_states text[], want_dead boolean, before bigint, most integer
) RETURNS TABLE (
	id bigint, kind text, queue text, state text, attempt integer, max_attempts integer, priority integer,
	created_at timestamptz, scheduled_at timestamptz, attempted_at timestamptz, finalized_at timestamptz,
	node_id text, run_id bigint, file_id bigint, codes text[], cancel_requested boolean
)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT j.id, j.kind, j.queue, j.state::text, j.attempt::integer, j.max_attempts::integer, j.priority::integer,
		j.created_at, j.scheduled_at, j.attempted_at, j.finalized_at,
		coalesce(j.attempted_by[array_upper(j.attempted_by, 1)], ''),
		coalesce((j.args->>'run_id')::bigint, 0), coalesce((j.args->>'file_id')::bigint, 0),
		ARRAY(SELECT CASE WHEN e->>'error' LIKE '%job cancelled remotely' THEN 'run.cancelled' -- River's own words
				ELSE coalesce(substring(e->>'error' FROM '([a-z0-9_]+([.][a-z0-9_]+)+)$'), 'job.unexpected') END
			FROM unnest(j.errors) WITH ORDINALITY AS x(e, n) ORDER BY n),
		j.metadata ? 'cancel_attempted_at'
	FROM river_job j
	WHERE j.args->>'operator_id' = (SELECT ediport_operator())::text
		AND (want_id IS NULL OR j.id = want_id)
		AND (want_kind IS NULL OR j.kind = want_kind)
		AND (want_states IS NULL OR j.state = ANY (want_states::river_job_state[]))
		AND (NOT want_dead OR j.state = 'discarded' OR j.state = 'cancelled' AND cardinality(j.errors) > 0)
		AND (before IS NULL OR j.id < before)
	ORDER BY j.id DESC
	LIMIT most;
END $$;
-- +goose StatementEnd

-- Cancels a job that waits; asks the node of one that runs to stop, as River does it. Each node looks
-- for the mark every second, too, since a notice can be lost. Returns the state the job was in, NULL
-- if the operator has no such job.
-- +goose StatementBegin
CREATE FUNCTION ediport_cancel_job(job bigint) RETURNS text
	LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was       text;
	its_queue text;
BEGIN
	SELECT j.state::text, j.queue INTO was, its_queue
	FROM river_job j
	WHERE j.id = job AND j.args->>'operator_id' = ediport_operator()::text
	FOR UPDATE;
	IF was IS NULL OR was IN ('cancelled', 'completed', 'discarded') THEN
		RETURN was;
	END IF;
	UPDATE river_job
	SET state = CASE WHEN was = 'running' THEN state ELSE 'cancelled'::river_job_state END,
		finalized_at = CASE WHEN was = 'running' THEN NULL ELSE now() END,
		metadata = jsonb_set(metadata, '{cancel_attempted_at}', to_jsonb(now()), true)
	WHERE id = job;
	PERFORM pg_notify(current_schema() || '.river_control',
		json_build_object('action', 'cancel', 'job_id', job, 'queue', its_queue)::text);
	RETURN was;
END $$;
-- +goose StatementEnd

-- Makes a job that is dead, or waits for its next attempt, go at once, with one more attempt if it has
-- none left. One that runs, is about to, or is done is left alone. Returns as ediport_cancel_job.
-- +goose StatementBegin
CREATE FUNCTION ediport_retry_job(job bigint) RETURNS text
	LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was       text;
	its_queue text;
BEGIN
	SELECT j.state::text, j.queue INTO was, its_queue
	FROM river_job j
	WHERE j.id = job AND j.args->>'operator_id' = ediport_operator()::text
	FOR UPDATE;
	IF was IS NULL OR was IN ('running', 'available', 'completed') THEN
		RETURN was;
	END IF;
	UPDATE river_job
	SET state = 'available', scheduled_at = now(), finalized_at = NULL,
		max_attempts = greatest(max_attempts, attempt + 1), metadata = metadata - 'cancel_attempted_at'
	WHERE id = job;
	PERFORM pg_notify(current_schema() || '.river_insert', json_build_object('queue', its_queue)::text);
	RETURN was;
END $$;
-- +goose StatementEnd

-- Removes a dead job from the list. Others are left alone. Returns as ediport_cancel_job.
-- +goose StatementBegin
CREATE FUNCTION ediport_discard_job(job bigint) RETURNS text
	LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was text;
BEGIN
	SELECT j.state::text INTO was
	FROM river_job j
	WHERE j.id = job AND j.args->>'operator_id' = ediport_operator()::text
	FOR UPDATE;
	IF was IN ('cancelled', 'discarded') THEN
		DELETE FROM river_job WHERE id = job;
	END IF;
	RETURN was;
END $$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION ediport_jobs(bigint, text, text[], boolean, bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION ediport_cancel_job(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ediport_retry_job(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ediport_discard_job(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ediport_jobs(bigint, text, text[], boolean, bigint, integer) TO ediport_app;
GRANT EXECUTE ON FUNCTION ediport_cancel_job(bigint) TO ediport_app;
GRANT EXECUTE ON FUNCTION ediport_retry_job(bigint) TO ediport_app;
GRANT EXECUTE ON FUNCTION ediport_discard_job(bigint) TO ediport_app;
