-- Why: mail to one person beside the notices to those of the configuration: codes, invitations, and what
-- was done with somebody's account. To whom it goes and what it says is sealed, because it may hold a
-- code, and is forgotten when the mail has gone or nobody waits for it any more.

-- +goose Up
ALTER TABLE outbox
	ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN user_id    bigint,      -- to whom; NULL: those of the configuration, or nobody who is known
	ADD COLUMN address    text,        -- masked, for administrators; NULL: those of the configuration
	ADD COLUMN sealed     bytea,       -- address and values, sealed for this row; NULL: none, or forgotten
	ADD COLUMN expires_at timestamptz; -- nobody wants it afterwards; NULL: it stays of use
-- An administrator sees what became of the mail to a person, newest first.
CREATE INDEX outbox_by_user ON outbox (user_id, id DESC) WHERE user_id IS NOT NULL;

ALTER TABLE sign_in_code
	ADD COLUMN request_hash bytea UNIQUE, -- of the secret that the asking browser holds; NULL: bound to none yet
	ADD COLUMN confirmed_at timestamptz,  -- when the code was typed in; NULL: not yet
	ADD COLUMN sent_at      timestamptz,  -- when the code was last sent; NULL: not sent
	ADD COLUMN created_by   bigint;       -- NULL: the person's own request, set-up or the command line
-- A person's invitation or reset, newest first.
CREATE INDEX sign_in_code_by_user ON sign_in_code (user_id, purpose, id DESC) WHERE user_id IS NOT NULL;
-- Clean-up.
CREATE INDEX sign_in_code_by_expiry ON sign_in_code (expires_at);
