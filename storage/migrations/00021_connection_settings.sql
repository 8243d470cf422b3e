-- Why: one connection has several folders, each with its own settings, and settings for pushing and for
-- the network that come and go with releases: three documents, checked by the program, instead of a
-- column for each. Beside them, what pages and alerts ask of a connection's health.

-- +goose Up
ALTER TABLE connection
	ADD COLUMN folders         jsonb   NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(folders) = 'array'),  -- pulled from, in order; empty: nothing
	ADD COLUMN push            jsonb   NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(push) = 'object'),
	ADD COLUMN network         jsonb   NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(network) = 'object'),
	ADD COLUMN expected_by     text,             -- a schedule's times by which a file must have come; NULL: none is expected
	ADD COLUMN expected_zone   text,             -- NULL as expected_by
	ADD COLUMN last_contact_at timestamptz,      -- signed in; NULL: never
	ADD COLUMN last_file_at    timestamptz,      -- took or delivered a file; NULL: never
	ADD COLUMN error_streak    integer NOT NULL DEFAULT 0, -- failed runs since the last good one
	ADD COLUMN last_error_code text;             -- of the last failed run; NULL: the last run was good

UPDATE connection SET
	folders = CASE WHEN pull_folder IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
		'path', pull_folder, 'globs', to_jsonb(pull_globs), 'depth', options -> 'depth',
		'max_files', max_files, 'stable_seconds', CASE stable_seconds WHEN 0 THEN -1 ELSE stable_seconds END,
		'done_marker', done_marker, 'temporary_suffixes', options -> 'temporary_suffixes',
		'after', after_success, 'archive_folder', archive_folder))) END,
	push = jsonb_strip_nulls(jsonb_build_object('folder', push_folder, 'acknowledgment_folder', ack_folder)),
	network = jsonb_strip_nulls(jsonb_build_object('connect_seconds', connect_seconds, 'idle_seconds', idle_seconds,
		'concurrency', concurrency, 'max_file_bytes', max_file_bytes, 'requests_per_file', options -> 'requests_per_file')),
	auth = CASE auth WHEN 'none' THEN 'password' ELSE auth END;

ALTER TABLE connection
	DROP COLUMN pull_folder, DROP COLUMN pull_globs, DROP COLUMN push_folder, DROP COLUMN ack_folder,
	DROP COLUMN after_success, DROP COLUMN archive_folder, DROP COLUMN done_marker, DROP COLUMN stable_seconds,
	DROP COLUMN max_file_bytes, DROP COLUMN max_files, DROP COLUMN concurrency, DROP COLUMN connect_seconds,
	DROP COLUMN idle_seconds, DROP COLUMN options,
	DROP CONSTRAINT connection_auth_check,
	ADD CONSTRAINT connection_auth_check CHECK (auth IN ('password', 'key', 'key_password', 'certificate'));

-- There is no way down: the columns before could hold one folder only.
