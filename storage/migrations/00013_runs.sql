-- Why: a schedule says when, a run is one execution. (schedule, due time) is unique, so a schedule that
-- fires twice runs once; one open run per connection and direction is an index, not a lock; a run's
-- epoch rises when somebody takes it over, and every commit checks it. River's own tables are made by
-- River, after these.

-- +goose Up
CREATE TABLE schedule (
	operator_id   bigint      NOT NULL,
	id            bigint      NOT NULL,
	name          text        NOT NULL,
	kind          text        NOT NULL, -- kind of job
	connection_id bigint,               -- NULL: the kind needs none
	account_id    bigint,               -- NULL: not of one account
	spec          text        NOT NULL, -- cron expression, or @every 15m
	zone          text        NOT NULL DEFAULT 'America/New_York',
	missed_policy text        NOT NULL DEFAULT 'once' CHECK (missed_policy IN ('once', 'skip', 'all')),
	windows       jsonb       NOT NULL DEFAULT '{}', -- blackouts, business days
	args          jsonb       NOT NULL DEFAULT '{}', -- of the job; never patient data
	paused        boolean     NOT NULL DEFAULT false,
	next_due_at   timestamptz,          -- NULL: paused, or never again
	last_due_at   timestamptz,          -- NULL: never ran
	version       integer     NOT NULL DEFAULT 1,
	created_by    bigint,               -- NULL: by the command line
	created_at    timestamptz NOT NULL DEFAULT now(),
	updated_at    timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (operator_id, id),
	UNIQUE (operator_id, name)
);
-- The elected node asks every tick which schedules are due.
CREATE INDEX schedule_due ON schedule (next_due_at) WHERE next_due_at IS NOT NULL AND NOT paused;
SELECT ediport_protect_operator('schedule', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE run (
	operator_id      bigint      NOT NULL,
	id               bigint      NOT NULL,
	schedule_id      bigint,               -- NULL: started by hand
	due_at           timestamptz NOT NULL,
	kind             text        NOT NULL,
	connection_id    bigint,               -- NULL: the kind needs none
	direction        text        CHECK (direction IN ('pull', 'push')), -- NULL: moves no files
	state            text        NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
	epoch            integer     NOT NULL DEFAULT 0,
	node_id          text,                 -- NULL: not taken yet
	args             jsonb       NOT NULL DEFAULT '{}',
	counts           jsonb       NOT NULL DEFAULT '{}',
	progress         jsonb       NOT NULL DEFAULT '{}',
	cancel_requested boolean     NOT NULL DEFAULT false,
	requested_by     bigint,               -- NULL: by the schedule, or the command line
	river_job_id     bigint,               -- NULL: not enqueued yet
	queued_at        timestamptz NOT NULL DEFAULT now(),
	started_at       timestamptz,          -- NULL: not started
	ended_at         timestamptz,          -- NULL: not ended
	error_code       text,                 -- NULL: no error
	PRIMARY KEY (operator_id, id),
	CHECK ((ended_at IS NULL) = (state IN ('queued', 'running')))
);
-- A schedule that fires twice runs once.
CREATE UNIQUE INDEX run_by_due ON run (operator_id, schedule_id, due_at) WHERE schedule_id IS NOT NULL;
-- One open run per connection and direction.
CREATE UNIQUE INDEX run_open ON run (operator_id, connection_id, direction)
	WHERE state IN ('queued', 'running') AND connection_id IS NOT NULL AND direction IS NOT NULL;
SELECT ediport_protect_operator('run', 'SELECT, INSERT, UPDATE');

CREATE TABLE run_log (
	operator_id bigint      NOT NULL,
	run_id      bigint      NOT NULL,
	id          bigint      NOT NULL,
	at          timestamptz NOT NULL,
	level       text        NOT NULL CHECK (level IN ('info', 'warn', 'error')),
	code        text        NOT NULL, -- of the error table, or of the list of run messages
	detail      jsonb       NOT NULL DEFAULT '{}', -- counts, file ids; never patient data
	PRIMARY KEY (operator_id, run_id, id)
);
SELECT ediport_protect_operator('run_log', 'SELECT, INSERT');

-- The processes that work. Outside tenancy.
CREATE TABLE node (
	id              text        PRIMARY KEY,
	host            text        NOT NULL,
	version         text        NOT NULL,
	kinds           text[]      NOT NULL, -- of jobs it knows
	river_client_id text,                 -- NULL: it works no jobs
	started_at      timestamptz NOT NULL,
	heartbeat_at    timestamptz NOT NULL,
	stopping        boolean     NOT NULL DEFAULT false,
	clock_skew_ms   integer     NOT NULL DEFAULT 0
);
GRANT SELECT ON node TO ediport_app;
