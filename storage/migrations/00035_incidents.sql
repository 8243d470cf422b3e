-- Why: what goes wrong is told once, not once per retry. The first failure opens an incident, the next
-- ones count on it, success closes it; only opening and closing tell anybody.

-- +goose Up
CREATE TABLE incident (
	operator_id     bigint      NOT NULL,
	id              bigint      NOT NULL,
	subject_kind    text        NOT NULL CHECK (subject_kind IN ('connection', 'schedule', 'file', 'run', 'installation')),
	subject_id      bigint      NOT NULL, -- 0: the installation
	code            text        NOT NULL, -- of the error table
	source          text        NOT NULL, -- what found it: pull, push, ingest, schedule, watch; success of the same closes it
	connection_id   bigint,               -- NULL: of no connection
	run_id          bigint,               -- the latest run that met it; NULL: none
	first_at        timestamptz NOT NULL,
	last_at         timestamptz NOT NULL,
	count           integer     NOT NULL DEFAULT 1,
	acknowledged_at timestamptz,          -- NULL: nobody has said that they look after it
	acknowledged_by bigint,               -- NULL: nobody, or the command line
	resolved_at     timestamptz,          -- NULL: open
	resolved_by     bigint,               -- NULL: open, by itself, or by the command line
	PRIMARY KEY (operator_id, id)
);
-- One open incident per subject and code; a success looks for its subject's.
CREATE UNIQUE INDEX incident_open ON incident (operator_id, subject_kind, subject_id, code) WHERE resolved_at IS NULL;
-- A connection's page shows its own, newest first.
CREATE INDEX incident_by_connection ON incident (operator_id, connection_id, id DESC) WHERE connection_id IS NOT NULL;
SELECT ediport_protect_operator('incident', 'SELECT, INSERT, UPDATE');
