-- Why: where files come from and go to. Secrets are sealed before they get here; host keys are pinned,
-- and a changed one waits for a person.

-- +goose Up
CREATE TABLE connection (
	operator_id       bigint      NOT NULL,
	id                bigint      NOT NULL,
	partner_id        bigint,               -- NULL: files tell
	account_id        bigint,               -- everything it brings is this account's; NULL: routed by content
	name              text        NOT NULL,
	protocol          text        NOT NULL DEFAULT 'sftp' CHECK (protocol IN ('sftp', 'folder')),
	host              text        NOT NULL,
	port              integer     NOT NULL DEFAULT 22 CHECK (port BETWEEN 1 AND 65535),
	username          text        NOT NULL,
	auth              text        NOT NULL CHECK (auth IN ('password', 'key', 'certificate', 'none')),
	secrets           bytea,                -- sealed: password, private key, passphrase; NULL: none
	secrets_key_id    text,                 -- NULL as secrets
	host_keys         text[]      NOT NULL DEFAULT '{}', -- pinned, "type base64"
	offered_host_key  text,                 -- waits for a person's yes; NULL: nothing waits
	pull_folder       text,                 -- NULL: nothing is pulled
	pull_globs        text[]      NOT NULL DEFAULT '{*}', -- in order; a leading ! leaves out
	push_folder       text,                 -- NULL: nothing is pushed
	ack_folder        text,                 -- NULL: acknowledgments stay here
	after_success     text        NOT NULL DEFAULT 'leave' CHECK (after_success IN ('leave', 'archive', 'delete')),
	archive_folder    text,                 -- NULL unless after_success is archive
	done_marker       text,                 -- suffix of the marker file; NULL: stable size and mtime decide
	stable_seconds    integer     NOT NULL DEFAULT 30 CHECK (stable_seconds >= 0),
	max_file_bytes    bigint      NOT NULL DEFAULT 2147483648 CHECK (max_file_bytes > 0),
	max_files         integer     NOT NULL DEFAULT 10000 CHECK (max_files > 0),
	concurrency       integer     NOT NULL DEFAULT 1 CHECK (concurrency BETWEEN 1 AND 16),
	connect_seconds   integer     NOT NULL DEFAULT 20 CHECK (connect_seconds > 0),
	idle_seconds      integer     NOT NULL DEFAULT 30 CHECK (idle_seconds > 0),
	options           jsonb       NOT NULL DEFAULT '{}',
	paused            boolean     NOT NULL DEFAULT false,
	paused_reason     text,                 -- a code of the error table or a person's words; NULL: not paused
	version           integer     NOT NULL DEFAULT 1, -- raised by each change
	created_at        timestamptz NOT NULL DEFAULT now(),
	updated_at        timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (operator_id, id),
	UNIQUE (operator_id, name)
);
SELECT ediport_protect_operator('connection', 'SELECT, INSERT, UPDATE, DELETE');

-- What was seen in a remote folder. Partners overwrite names, so size and mtime are in the key; they
-- only save a download, content decides.
CREATE TABLE remote_seen (
	operator_id    bigint      NOT NULL,
	connection_id  bigint      NOT NULL,
	path           text        NOT NULL,
	size           bigint      NOT NULL,
	mtime          timestamptz NOT NULL,
	first_seen_at  timestamptz NOT NULL,
	last_seen_at   timestamptz NOT NULL,
	file_id        bigint,               -- NULL: not taken yet
	taken_at       timestamptz,          -- NULL: not taken yet
	remote_state   text        NOT NULL DEFAULT 'there' CHECK (remote_state IN ('there', 'archived', 'deleted', 'changed', 'gone')),
	error_code     text,                 -- why it was not taken; NULL: nothing wrong
	PRIMARY KEY (operator_id, connection_id, path, size, mtime)
);
SELECT ediport_protect_operator('remote_seen', 'SELECT, INSERT, UPDATE, DELETE');
