-- Why: a person may have several roles at a place, each for a time and for some providers only, and an
-- organization makes roles of its own. Every operator has an owner, who alone sets policies: where there is
-- none yet, it is its first administrator.

-- +goose Up
ALTER TABLE membership
	ADD COLUMN starts_at      timestamptz, -- NULL: at once
	ADD COLUMN ends_at        timestamptz, -- NULL: no end is planned
	ADD COLUMN row_limit      jsonb,       -- providers whose rows it reaches; NULL: all of the account's
	ADD COLUMN break_glass_id bigint;      -- NULL: not taken in an emergency

DROP INDEX membership_by_user;
-- A person's memberships, read with each session; a role once per place.
CREATE UNIQUE INDEX membership_by_user ON membership (user_id, coalesce(account_id, 0), coalesce(operator_id, 0), role) WHERE ended_at IS NULL;
-- The people of an operator.
CREATE INDEX membership_by_operator ON membership (operator_id) WHERE operator_id IS NOT NULL;

UPDATE membership SET role = 'owner'
WHERE id IN (
	SELECT DISTINCT ON (m.operator_id) m.id
	FROM membership m JOIN app_user u ON u.id = m.user_id
	WHERE m.operator_id IS NOT NULL AND m.ended_at IS NULL AND m.role = 'administrator' AND u.state = 'active'
		AND NOT EXISTS (SELECT 1 FROM membership o WHERE o.operator_id = m.operator_id AND o.role = 'owner' AND o.ended_at IS NULL)
	ORDER BY m.operator_id, m.created_at, m.id);

-- Tokens of before saw patients wherever they saw data.
UPDATE api_token SET scopes = scopes || '{patients.view}'::text[]
WHERE NOT scopes @> '{patients.view}'
	AND scopes && '{remittances.view,eligibility.view,claim_status.view,authorizations.view,originals.view,files.view,unrouted.route}'::text[];

CREATE TABLE custom_role (
	operator_id bigint      NOT NULL,
	id          bigint      NOT NULL,
	account_id  bigint,               -- the account that made it for itself; NULL: the operator's, for itself or all its accounts
	of_operator boolean     NOT NULL, -- held for the operator, not for accounts
	name        text        NOT NULL,
	permissions text[]      NOT NULL,
	created_at  timestamptz NOT NULL,
	created_by  bigint,               -- NULL: by the command line
	changed_at  timestamptz NOT NULL,
	retired_at  timestamptz,          -- NULL: in use
	PRIMARY KEY (operator_id, id),
	CHECK (account_id IS NULL OR NOT of_operator)
);
-- No two roles in use of one name where people choose among them.
CREATE UNIQUE INDEX custom_role_name ON custom_role (operator_id, coalesce(account_id, 0), lower(name)) WHERE retired_at IS NULL;
SELECT ediport_protect_operator('custom_role', 'SELECT, INSERT, UPDATE');
CREATE POLICY by_account ON custom_role TO ediport_app USING (account_id = ANY ((SELECT ediport_accounts())::bigint[]));
-- The operator's roles are there for its accounts to give.
CREATE POLICY by_home ON custom_role FOR SELECT TO ediport_app USING (operator_id = (SELECT ediport_home()) AND account_id IS NULL AND NOT of_operator);
