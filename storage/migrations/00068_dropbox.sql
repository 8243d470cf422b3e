-- Why: a partner that can send and not be pulled from needs a place of ours to send to. Here is who may sign in there, with
-- which keys and from where, and what lies in its folder: what is still being sent, and what was accepted of late.

-- +goose Up
CREATE TABLE dropbox (
	operator_id        bigint      NOT NULL,
	id                 bigint      NOT NULL,
	name               text        NOT NULL, -- for people
	username           text        NOT NULL, -- to sign in with
	partner_id         bigint,               -- NULL: files tell
	account_id         bigint,               -- everything it brings is this account's; NULL: routed by content
	sources            text[]      NOT NULL DEFAULT '{}', -- networks that may sign in; empty: any
	temporary_suffixes text[]      NOT NULL DEFAULT '{}', -- of names while they are written, beside the usual ones
	repeat_names       boolean     NOT NULL DEFAULT false, -- other bytes under a name of before are another file, not refused
	max_file_bytes     bigint      NOT NULL CHECK (max_file_bytes > 0),
	max_waiting_files  integer     NOT NULL CHECK (max_waiting_files > 0), -- staged, or not loaded yet
	max_waiting_bytes  bigint      NOT NULL CHECK (max_waiting_bytes > 0), -- of these
	paused             boolean     NOT NULL DEFAULT false,
	paused_reason      text,                 -- a person's words; NULL: not paused, or none given
	version            integer     NOT NULL DEFAULT 1, -- raised by each change, also of its keys
	created_at         timestamptz NOT NULL DEFAULT now(),
	updated_at         timestamptz NOT NULL DEFAULT now(),
	last_sign_in_at    timestamptz,          -- NULL: never
	last_file_at       timestamptz,          -- accepted; NULL: never
	PRIMARY KEY (operator_id, id),
	UNIQUE (operator_id, name)
);
-- Who signs in; the names are unique over the installation.
CREATE UNIQUE INDEX dropbox_by_username ON dropbox (username);
SELECT ediport_protect_operator('dropbox', 'SELECT, INSERT, UPDATE, DELETE');

-- The keys that may sign in, several while a partner changes them.
CREATE TABLE dropbox_key (
	operator_id  bigint      NOT NULL,
	dropbox_id   bigint      NOT NULL,
	fingerprint  text        NOT NULL, -- SHA256:…
	public_key   text        NOT NULL, -- "type base64"
	comment      text        NOT NULL DEFAULT '',
	added_at     timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz,          -- NULL: never
	PRIMARY KEY (operator_id, dropbox_id, fingerprint)
);
SELECT ediport_protect_operator('dropbox_key', 'SELECT, INSERT, UPDATE, DELETE');

-- What the partner sees in its folder. A staged file has a temporary name and is not ours yet.
CREATE TABLE dropbox_file (
	operator_id bigint      NOT NULL,
	dropbox_id  bigint      NOT NULL,
	id          bigint      NOT NULL,
	name        text        NOT NULL, -- escaped, as transfer.Escape does
	file_id     bigint,               -- NULL: staged
	size        bigint      NOT NULL,
	sha256      bytea       NOT NULL,
	blob_name   text,                 -- of a staged file; NULL: the file's row has it, or there are no bytes
	wrapped_key bytea,                -- NULL as blob_name
	key_id      text,                 -- NULL as blob_name
	stored_size bigint,               -- NULL as blob_name
	at          timestamptz NOT NULL, -- staged or accepted
	PRIMARY KEY (operator_id, dropbox_id, id)
);
-- What has this name, the newest first.
CREATE INDEX dropbox_file_by_name ON dropbox_file (operator_id, dropbox_id, name, id DESC);
-- What a purge takes out with its file.
CREATE INDEX dropbox_file_by_file ON dropbox_file (operator_id, file_id) WHERE file_id IS NOT NULL;
SELECT ediport_protect_operator('dropbox_file', 'SELECT');
