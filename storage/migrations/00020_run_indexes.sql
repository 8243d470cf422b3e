-- Why: runs are kept for long and asked for by connection, and the few that are open are asked for
-- every few seconds: neither may get slower as the table grows.

-- +goose Up

-- The runs of a connection, newest first.
CREATE INDEX run_by_connection ON run (operator_id, connection_id, id DESC) WHERE connection_id IS NOT NULL;
-- What is queued or under way: of a node that was lost, or whose job is gone.
CREATE INDEX run_live ON run (node_id) WHERE state IN ('queued', 'running');
