-- Why: failures lock a person, whatever name was typed, and the lock opens by itself. A browser that the
-- person has signed in with before is known, so that what strangers try doesn't keep him out.

-- +goose Up
ALTER TABLE app_user
	ADD COLUMN failures          integer NOT NULL DEFAULT 0, -- since the last success or the end of the last lock
	ADD COLUMN failures_in_a_row integer NOT NULL DEFAULT 0, -- since the last success, whatever was locked meanwhile
	ADD COLUMN failed_at         timestamptz, -- NULL: not since the last success
	ADD COLUMN locked_at         timestamptz, -- NULL: not locked
	ADD COLUMN locked_address    text;        -- where the failure came from that locked; NULL: not locked
-- Administrators list who is locked.
CREATE INDEX app_user_locked ON app_user (locked_until) WHERE locked_until IS NOT NULL;

-- More things are counted than when the table was made.
ALTER TABLE sign_in_throttle
	DROP CONSTRAINT sign_in_throttle_kind_check,
	ADD CONSTRAINT sign_in_throttle_kind_check CHECK (kind ~ '^[a-z_]{1,20}$');

-- A browser in which a person has signed in completely. Several people may share one.
CREATE TABLE known_device (
	token_hash   bytea       NOT NULL, -- of the browser's cookie
	user_id      bigint      NOT NULL,
	id           bigint      NOT NULL UNIQUE,
	user_agent   text        NOT NULL,
	address      text        NOT NULL, -- of its last sign-in
	created_at   timestamptz NOT NULL,
	last_used_at timestamptz NOT NULL,
	expires_at   timestamptz NOT NULL,
	ended_at     timestamptz,          -- NULL: still known
	PRIMARY KEY (token_hash, user_id)
);
-- A person's devices.
CREATE INDEX known_device_by_user ON known_device (user_id, last_used_at DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON known_device TO ediport_app;
