-- Why: a process that hangs in the middle of a transaction keeps its locks, and whoever takes its work
-- over would wait for them. So its database sessions bear a name, and are ended first.

-- +goose Up
ALTER TABLE node ADD COLUMN sessions text; -- application_name of the process's sessions; NULL: an older release
