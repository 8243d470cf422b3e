-- Why: what an administrator may say about a schedule besides its time: how many missed runs are made
-- up for, how far starts are spread, and which work comes first. The delay of the next start stands
-- beside its due time, so that the due time stays what people read, and what makes a run unique. A run
-- that a person asks for names its schedule, but is none of its due times: it must neither be taken
-- for one nor keep one from running.

-- +goose Up
ALTER TABLE schedule
	ADD COLUMN missed_limit   integer NOT NULL DEFAULT 10 CHECK (missed_limit BETWEEN 1 AND 1000),
	ADD COLUMN jitter_seconds integer NOT NULL DEFAULT 0 CHECK (jitter_seconds BETWEEN 0 AND 3600),
	ADD COLUMN priority       integer NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
	ADD COLUMN delay_seconds  integer NOT NULL DEFAULT 0 CHECK (delay_seconds BETWEEN 0 AND 3600); -- of next_due_at

ALTER TABLE run ADD COLUMN manual boolean NOT NULL DEFAULT false;
DROP INDEX run_by_due;
-- A schedule that fires twice runs once.
CREATE UNIQUE INDEX run_by_due ON run (operator_id, schedule_id, due_at) WHERE schedule_id IS NOT NULL AND NOT manual;
