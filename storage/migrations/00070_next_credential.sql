-- Why: partners change passwords and keys on a day of their own. A connection holds the next means to sign in beside the
-- present ones, so that it goes on working before and after that day. The secrets themselves are sealed with the others.

-- +goose Up
ALTER TABLE connection
	ADD COLUMN next_auth        text CHECK (next_auth IN ('password', 'key', 'key_password', 'certificate')), -- NULL: none waits
	ADD COLUMN next_version     integer     NOT NULL DEFAULT 0,     -- the connection's when it was entered, which tells it from others; 0: none waits
	ADD COLUMN next_added_at    timestamptz,                        -- NULL as next_auth
	ADD COLUMN next_works_since timestamptz,                        -- the partner takes it; NULL: not known to
	ADD COLUMN next_takes_over  boolean     NOT NULL DEFAULT false, -- in place of the present ones as soon as the partner takes it
	ADD CONSTRAINT connection_next_whole CHECK ((next_auth IS NULL) = (next_version = 0) AND (next_auth IS NULL) = (next_added_at IS NULL));
