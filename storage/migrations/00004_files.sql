-- Why: a file is bytes moved once, in one direction, and every state it passes is a row somebody can
-- look at. The bytes themselves are in the archive; here is their name, key and hash.

-- +goose Up
CREATE TABLE file (
	operator_id    bigint      NOT NULL,
	id             bigint      NOT NULL,
	direction      text        NOT NULL CHECK (direction IN ('in', 'out')),
	kind           text        NOT NULL DEFAULT 'unknown' CHECK (kind IN ('unknown', 'x12', 'not_x12', 'empty')),
	source         text        NOT NULL CHECK (source IN ('sftp', 'upload', 'cli', 'api', 'mailbox', 'container', 'generated')),
	name           text        NOT NULL, -- as the partner sent it, or as we send it
	parent_file_id bigint,               -- the zip or PGP file it came out of; NULL: it came by itself
	partner_id     bigint,               -- NULL: not known yet, or by nobody's identities
	connection_id  bigint,               -- NULL: not by a connection
	run_id         bigint,               -- the run that moved it; NULL: moved by hand
	account_id     bigint,               -- routed by the person who handed it in; NULL: by its content
	state          text        NOT NULL CHECK (state IN (
		'downloaded', 'validated', 'loaded', 'partly_loaded', 'held', 'duplicate', 'stored', 'failed',
		'generated', 'sending', 'sent', 'uncertain', 'void', 'purged')),
	state_reason   text,                 -- a code of the error table; NULL: the state speaks for itself
	state_at       timestamptz NOT NULL,
	attempt        integer     NOT NULL DEFAULT 0, -- loads begun
	size           bigint      NOT NULL CHECK (size >= 0),
	sha256         bytea       NOT NULL CHECK (length(sha256) = 32),
	blob_name      text,                 -- NULL: empty file, or purged
	wrapped_key    bytea,                -- data key of the blob, wrapped; NULL as blob_name
	key_id         text,                 -- master key that wrapped it; NULL as blob_name
	stored_size    bigint,               -- bytes of the blob on disk; NULL as blob_name
	received_at    timestamptz NOT NULL, -- committed here; for outbound: generated
	remote_path    text,                 -- NULL: no remote side
	remote_size    bigint,               -- NULL: no remote side
	remote_mtime   timestamptz,          -- NULL: the server tells none
	counts         jsonb       NOT NULL DEFAULT '{}', -- interchanges and sets by disposition: the roll-up
	PRIMARY KEY (operator_id, id)
);
-- The list of files, newest first.
CREATE INDEX file_by_received ON file (operator_id, received_at DESC, id DESC);
-- What still has to be done, or looked at by a person, oldest first.
CREATE INDEX file_open ON file (operator_id, state, id)
	WHERE state IN ('downloaded', 'validated', 'held', 'failed', 'generated', 'sending', 'uncertain');

-- The file's time line.
CREATE TABLE file_event (
	operator_id bigint      NOT NULL,
	file_id     bigint      NOT NULL,
	id          bigint      NOT NULL,
	state       text        NOT NULL,
	reason      text,                 -- a code of the error table; NULL: none needed
	run_id      bigint,               -- NULL: not by a run
	actor_id    bigint,               -- the person who did it; NULL: by itself
	at          timestamptz NOT NULL,
	PRIMARY KEY (operator_id, file_id, id)
);

-- Three small tables of keys. They outlive purged rows, so that a file, an interchange
-- or a payment that was purged is still known when it comes again. Only the loader touches them.

-- The same bytes on the same connection: saves work, decides nothing. Connection 0: none.
CREATE TABLE file_hash (
	operator_id   bigint      NOT NULL,
	connection_id bigint      NOT NULL,
	sha256        bytea       NOT NULL,
	file_id       bigint      NOT NULL, -- the first one
	first_seen_at timestamptz NOT NULL,
	PRIMARY KEY (operator_id, connection_id, sha256)
);
ALTER TABLE file_hash ENABLE ROW LEVEL SECURITY;

-- key_hash: SHA-256 over ISA05–08 trimmed, ISA15, ISA13. content_hash: over ISA…IEA.
CREATE TABLE interchange_key (
	operator_id    bigint      NOT NULL,
	key_hash       bytea       NOT NULL,
	content_hash   bytea       NOT NULL,
	interchange_id bigint      NOT NULL, -- the first with this key and content
	file_id        bigint      NOT NULL,
	received_at    timestamptz NOT NULL,
	PRIMARY KEY (operator_id, key_hash, content_hash)
);
ALTER TABLE interchange_key ENABLE ROW LEVEL SECURITY;

-- key_hash: the payment's identity. claims_hash: over the claims of the first payment
-- with it; the same claims again are a duplicate, other claims under the same identity a conflict.
CREATE TABLE payment_key (
	operator_id bigint      NOT NULL,
	key_hash    bytea       NOT NULL,
	payment_id  bigint      NOT NULL, -- the first one
	claims_hash bytea       NOT NULL,
	loaded_at   timestamptz NOT NULL,
	PRIMARY KEY (operator_id, key_hash)
);
ALTER TABLE payment_key ENABLE ROW LEVEL SECURITY;
