-- Why: after failures, and from places where nobody has signed in yet, the browser has to do some work
-- before a password is looked at. Each piece of work counts once.

-- +goose Up
CREATE TABLE sign_in_challenge (
	nonce      bytea       PRIMARY KEY, -- of one that was solved
	expires_at timestamptz NOT NULL     -- afterwards it is refused for its age
);
-- Clean-up.
CREATE INDEX sign_in_challenge_by_expiry ON sign_in_challenge (expires_at);

-- Addresses from which somebody signed in lately, as a keyed hash.
CREATE TABLE sign_in_place (
	place   bytea       PRIMARY KEY,
	last_at timestamptz NOT NULL
);
-- Clean-up.
CREATE INDEX sign_in_place_by_age ON sign_in_place (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_challenge, sign_in_place TO ediport_app;
