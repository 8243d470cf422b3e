-- Why: what came out of a zip, gzip or OpenPGP file is asked for by the file it came out of.

-- +goose Up
-- The files that came out of one, in their order.
CREATE INDEX file_by_parent ON file (operator_id, parent_file_id, id) WHERE parent_file_id IS NOT NULL;
