-- Why: second factors. A person proves more than a password: an authenticator app, a passkey, a
-- recovery code; a session says how much was proved, and how long it lasts is fixed when it begins.

-- +goose Up
ALTER TABLE credential
	ADD COLUMN last_step bigint; -- of an authenticator app: the time step of the last code used; NULL: none yet

-- Who a passkey belongs to, and that it is registered once. hash holds the credential id.
CREATE UNIQUE INDEX credential_passkey ON credential (hash) WHERE kind = 'passkey' AND revoked_at IS NULL;

ALTER TABLE app_user
	ADD COLUMN passkey_handle bytea UNIQUE; -- random; what authenticators know the person by; NULL: no passkey yet

ALTER TABLE session
	ADD COLUMN idle_seconds integer NOT NULL DEFAULT 900; -- how long it lasts without use

-- A ceremony of several requests: an authenticator app being set up, a passkey being registered or
-- asked for. What the server must remember of it is sealed; the browser holds a random name of it.
CREATE TABLE factor_ceremony (
	token_hash bytea       PRIMARY KEY,
	purpose    text        NOT NULL,
	user_id    bigint,               -- NULL: nobody is known yet
	session_id bigint,               -- NULL: before sign-in
	sealed     bytea       NOT NULL,
	expires_at timestamptz NOT NULL
);
-- Clean-up.
CREATE INDEX factor_ceremony_by_expiry ON factor_ceremony (expires_at);

-- A form that could not be taken because the session had ended or a proof was missing: it stands
-- in its page again once the person has proved it.
CREATE TABLE kept_form (
	user_id    bigint      NOT NULL,
	id         bigint      NOT NULL,
	action     text        NOT NULL, -- where it is posted
	sealed     bytea       NOT NULL,
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (user_id, id)
);
-- Clean-up.
CREATE INDEX kept_form_by_expiry ON kept_form (expires_at);

GRANT SELECT, INSERT, DELETE ON factor_ceremony, kept_form TO ediport_app;
