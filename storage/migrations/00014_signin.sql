-- Why: who may come in. These tables are outside tenancy (a person may belong to several accounts, and
-- nobody is in scope before sign-in); one store reaches them. Nothing secret is kept as it was given:
-- passwords, tokens and codes are hashes, seeds are sealed.

-- +goose Up
CREATE TABLE app_user (
	id                 bigint      PRIMARY KEY,
	login              text        NOT NULL UNIQUE, -- user id, case-sensitive as created
	email              text,                 -- NULL: none given
	email_key          text UNIQUE,          -- lower case, for sign-in; NULL: not confirmed
	email_confirmed_at timestamptz,          -- NULL: not confirmed
	name               text        NOT NULL,
	state              text        NOT NULL DEFAULT 'active' CHECK (state IN ('invited', 'active', 'disabled')),
	locked_until       timestamptz,          -- NULL: not locked; 'infinity': until an administrator unlocks
	locked_reason      text,                 -- NULL: not locked
	time_zone          text,                 -- NULL: the account's
	preferences        jsonb       NOT NULL DEFAULT '{}',
	security_epoch     integer     NOT NULL DEFAULT 0, -- raised to end all sessions
	created_at         timestamptz NOT NULL DEFAULT now(),
	created_by         bigint,               -- NULL: by set-up or the command line
	last_sign_in_at    timestamptz           -- NULL: never
);

-- Passwords today; passkeys, TOTP seeds and recovery codes later, each a row of its own.
CREATE TABLE credential (
	user_id      bigint      NOT NULL,
	id           bigint      NOT NULL,
	kind         text        NOT NULL CHECK (kind IN ('password', 'passkey', 'totp', 'recovery_code')),
	hash         text,                 -- encoded argon2id, parameters included; NULL: kind keeps no hash
	sealed       bytea,                -- sealed secret or public key; NULL: kind keeps none
	key_id       text,                 -- NULL as sealed
	label        text        NOT NULL DEFAULT '',
	data         jsonb       NOT NULL DEFAULT '{}',
	must_change  boolean     NOT NULL DEFAULT false,
	created_at   timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz,          -- NULL: never
	revoked_at   timestamptz,          -- NULL: valid
	PRIMARY KEY (user_id, id)
);
-- One valid password per person.
CREATE UNIQUE INDEX credential_password ON credential (user_id) WHERE kind = 'password' AND revoked_at IS NULL;

-- What a person may do where. Exactly one of account and operator.
CREATE TABLE membership (
	id          bigint      PRIMARY KEY,
	user_id     bigint      NOT NULL,
	account_id  bigint,               -- NULL: of an operator
	operator_id bigint,               -- NULL: of an account
	role        text        NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT now(),
	created_by  bigint,               -- NULL: by set-up or the command line
	ended_at    timestamptz,          -- NULL: valid
	CHECK ((account_id IS NULL) <> (operator_id IS NULL))
);
-- A person's memberships, read with each session; one valid one per place.
CREATE UNIQUE INDEX membership_by_user ON membership (user_id, coalesce(account_id, 0), coalesce(operator_id, 0)) WHERE ended_at IS NULL;
-- The people of an account.
CREATE INDEX membership_by_account ON membership (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE session (
	token_hash      bytea       PRIMARY KEY,
	id              bigint      NOT NULL UNIQUE, -- for the list of one's sessions
	user_id         bigint      NOT NULL,
	security_epoch  integer     NOT NULL,
	assurance       text        NOT NULL DEFAULT 'password',
	shared_computer boolean     NOT NULL DEFAULT false,
	current_account bigint,               -- NULL: all of the person's accounts
	address         text        NOT NULL,
	user_agent      text        NOT NULL,
	created_at      timestamptz NOT NULL,
	last_seen_at    timestamptz NOT NULL,
	stepped_up_at   timestamptz,          -- NULL: not since sign-in
	idle_expires_at timestamptz NOT NULL,
	expires_at      timestamptz NOT NULL,
	ended_at        timestamptz,          -- NULL: open
	ended_reason    text,                 -- NULL: open
	data            jsonb       NOT NULL DEFAULT '{}'
);
-- A person's sessions, and their end.
CREATE INDEX session_by_user ON session (user_id, created_at);
-- Clean-up.
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE api_token (
	id           bigint      PRIMARY KEY,
	token_hash   bytea       NOT NULL UNIQUE,
	user_id      bigint,               -- acts for this person; NULL: a machine's own
	operator_id  bigint,               -- NULL: sees no exchange plane
	account_ids  bigint[]    NOT NULL DEFAULT '{}',
	name         text        NOT NULL,
	scopes       text[]      NOT NULL,
	addresses    text[]      NOT NULL DEFAULT '{}', -- allowed networks, empty: any
	created_at   timestamptz NOT NULL DEFAULT now(),
	created_by   bigint,               -- NULL: by the command line
	expires_at   timestamptz,          -- NULL: never
	last_used_at timestamptz,          -- NULL: never
	revoked_at   timestamptz           -- NULL: valid
);

-- Failures per person, address and overall, shared by all nodes. The bucket's name is a keyed hash, so
-- that what was typed as a user id (sometimes a password) does not stay here.
CREATE TABLE sign_in_throttle (
	kind          text        NOT NULL CHECK (kind IN ('user', 'address', 'overall', 'recovery')),
	bucket        bytea       NOT NULL,
	failures      integer     NOT NULL,
	first_at      timestamptz NOT NULL,
	last_at       timestamptz NOT NULL,
	blocked_until timestamptz,          -- NULL: not blocked
	PRIMARY KEY (kind, bucket)
);
-- Clean-up.
CREATE INDEX sign_in_throttle_by_age ON sign_in_throttle (last_at);

-- Short-lived codes: invitation, recovery, confirmation of an address, set-up.
CREATE TABLE sign_in_code (
	id         bigint      PRIMARY KEY,
	user_id    bigint,               -- NULL: not bound to a person yet (set-up)
	purpose    text        NOT NULL,
	code_hash  bytea       NOT NULL UNIQUE,
	data       jsonb       NOT NULL DEFAULT '{}',
	attempts   integer     NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at    timestamptz           -- NULL: not used
);

GRANT SELECT, INSERT, UPDATE ON app_user, credential, membership, session, api_token TO ediport_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttle, sign_in_code TO ediport_app;
GRANT DELETE ON session TO ediport_app;
