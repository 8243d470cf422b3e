-- Why: what the audit says must be believable by somebody who doesn't trust the database's administrators. A
-- sealer hashes the events of each range of transactions into a chain and signs each link by a key that the
-- database doesn't have. The table of 00015 was made ahead and never written: it gives way to one that can also
-- name the row that was changed.

-- +goose Up
DROP TABLE audit_seal;

-- One link of a chain: the hash over the events of a range of transactions and the link before. The chain of
-- everything keeps the hash of each event, so that a check can name the one that is wrong; the chains of
-- operators and accounts are over their own events only, so that they can be checked by themselves.
CREATE TABLE audit_seal (
	chain     text        NOT NULL, -- 'all', 'operator:N', 'account:N'
	no        bigint      NOT NULL, -- from 1, without gaps
	from_txid xid8        NOT NULL, -- covers the events of transactions from this one,
	to_txid   xid8        NOT NULL, -- up to the one before this
	events    bigint      NOT NULL,
	leaves    bytea       NOT NULL, -- 48 bytes for each event in order: operator, id, hash; empty but in 'all'
	root      bytea       NOT NULL, -- hash over the hashes of the events in order
	previous  bytea       NOT NULL, -- hash of the link before; empty: the first
	hash      bytea       NOT NULL, -- over all of the above
	signature bytea       NOT NULL, -- keyed, by the master key's sub-key for the audit
	sealed_at timestamptz NOT NULL,
	PRIMARY KEY (chain, no)
);
-- Finds the link with a root that was published.
CREATE INDEX audit_seal_by_hash ON audit_seal (hash);
GRANT SELECT ON audit_seal TO ediport_app;

-- When an event was and in which transaction is the database's to say, not the application's.
REVOKE INSERT ON audit_event FROM ediport_app;
GRANT INSERT (operator_id, id, account_id, actor_kind, actor_id, action, object_kind, object_id, result, address,
	correlation_id, detail) ON audit_event TO ediport_app;

-- Who signs in has no scope yet, but an organization whose auditors want to know. An event without operator gets
-- that of its account, else that of the person's oldest membership, with the account if it is one of an account.
-- Of unknown people it stays 0.
-- +goose StatementBegin
CREATE FUNCTION ediport_audit_place() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
	AS $$
DECLARE
	person bigint;
BEGIN
	IF NEW.account_id IS NULL THEN
		person := CASE
			WHEN NEW.object_kind = 'user' THEN NEW.object_id
			WHEN NEW.actor_kind = 'user' THEN NEW.actor_id
			WHEN NEW.actor_kind = 'token' THEN (SELECT t.user_id FROM api_token t WHERE t.id = NEW.actor_id)
		END;
		SELECT coalesce(m.operator_id, 0), m.account_id INTO NEW.operator_id, NEW.account_id
			FROM membership m WHERE m.user_id = person
			ORDER BY m.ended_at IS NOT NULL, m.id LIMIT 1;
	END IF;
	IF NEW.account_id IS NOT NULL AND coalesce(NEW.operator_id, 0) = 0 THEN
		SELECT a.operator_id INTO NEW.operator_id FROM account a WHERE a.id = NEW.account_id;
	END IF;
	NEW.operator_id := coalesce(NEW.operator_id, 0);
	RETURN NEW;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION ediport_audit_place() FROM PUBLIC;
CREATE TRIGGER place BEFORE INSERT ON audit_event FOR EACH ROW WHEN (NEW.operator_id = 0) EXECUTE FUNCTION ediport_audit_place();

-- Failed attempts by people whom nobody knows concern everybody who runs an exchange here.
CREATE POLICY of_nobody ON audit_event FOR SELECT TO ediport_app
	USING (operator_id = 0 AND (SELECT ediport_operator()) IS NOT NULL);

-- An operator's audit, newest first.
CREATE INDEX audit_event_by_time ON audit_event (operator_id, at, id);
-- An account's own, newest first.
CREATE INDEX audit_event_by_account_time ON audit_event (account_id, at, id) WHERE account_id IS NOT NULL;
DROP INDEX audit_event_by_account;
-- What one person or token did.
CREATE INDEX audit_event_by_actor ON audit_event (actor_id, actor_kind, at, id) WHERE actor_id IS NOT NULL;
-- What was done with one thing, who saw a row.
CREATE INDEX audit_event_by_object ON audit_event (object_id, object_kind, at, id) WHERE object_id IS NOT NULL;
-- Which lists showed a row.
CREATE INDEX audit_event_of_lists ON audit_event USING gin ((detail -> 'ids') jsonb_path_ops) WHERE action = 'patient.list';
-- What a request did, by the incident number that its page showed.
CREATE INDEX audit_event_by_correlation ON audit_event (correlation_id, at, id) WHERE correlation_id IS NOT NULL;
