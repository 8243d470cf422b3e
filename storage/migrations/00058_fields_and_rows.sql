-- Why: not everybody who may see an account's rows may see its patients, or the rows of all its
-- providers. Both are asked of the transaction's settings, as the accounts are, so that no query, page or export
-- can forget them. Fields are masked by the select lists that storage makes, rows left out by
-- policies. A row belongs to the provider of its routing unit, a payment to its payee, and a claim of
-- an 835 to its rendering provider, too.

-- +goose Up
-- The accounts in scope whose patients the reader may not see.
-- +goose StatementBegin
CREATE FUNCTION ediport_masked() RETURNS bigint[]
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(string_to_array(nullif(current_setting('ediport.masked', true), ''), ',')::bigint[], '{}'::bigint[]) $$;
-- +goose StatementEnd

-- Whether the reader may not see the patients in the operator's exchange plane.
-- +goose StatementBegin
CREATE FUNCTION ediport_masked_plane() RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(current_setting('ediport.masked_plane', true), '') = 'yes' $$;
-- +goose StatementEnd

-- The accounts in scope of which the reader sees some providers' rows only.
-- +goose StatementBegin
CREATE FUNCTION ediport_limited() RETURNS bigint[]
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(string_to_array(nullif(current_setting('ediport.limited', true), ''), ',')::bigint[], '{}'::bigint[]) $$;
-- +goose StatementEnd

-- Those providers, each as account:number. An NPI has ten digits and a tax id nine, so they don't mix.
-- +goose StatementBegin
CREATE FUNCTION ediport_providers() RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	AS $$ SELECT coalesce(string_to_array(nullif(current_setting('ediport.providers', true), ''), ','), '{}'::text[]) $$;
-- +goose StatementEnd

-- Leaves of the rows of limited accounts those for which the condition holds. All other accounts cost
-- one comparison with an empty list.
-- +goose StatementBegin
CREATE FUNCTION ediport_limit_rows(target regclass, condition text) RETURNS void
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE POLICY by_provider ON %s AS RESTRICTIVE FOR SELECT TO ediport_app '
		'USING (account_id IS NULL OR account_id <> ALL ((SELECT ediport_limited())::bigint[]) OR %s)', target, condition);
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION ediport_limit_rows(regclass, text) FROM PUBLIC;

SELECT ediport_limit_rows('routing_unit', 'account_id || '':'' || identity_value = ANY ((SELECT ediport_providers())::text[])');
SELECT ediport_limit_rows('payment', 'account_id || '':'' || payee_npi = ANY ((SELECT ediport_providers())::text[])
	OR account_id || '':'' || payee_tax_id = ANY ((SELECT ediport_providers())::text[])');
SELECT ediport_limit_rows('claim_payment', 'account_id || '':'' || rendering_npi = ANY ((SELECT ediport_providers())::text[])
	OR EXISTS (SELECT 1 FROM payment p WHERE p.account_id = claim_payment.account_id AND p.id = claim_payment.payment_id)');

SELECT ediport_limit_rows(x.name::regclass, format('EXISTS (SELECT 1 FROM claim_payment c WHERE c.account_id = %1$s.account_id AND c.id = %1$s.%2$s)', x.name, x.claim))
FROM (VALUES ('service_line', 'claim_id'), ('adjustment', 'claim_id'), ('open_reversal', 'reversal_claim_id')) AS x (name, claim);

SELECT ediport_limit_rows('provider_adjustment',
	'EXISTS (SELECT 1 FROM payment p WHERE p.account_id = provider_adjustment.account_id AND p.id = provider_adjustment.payment_id)');

-- Everything else stands in a unit, or below a row that does.
SELECT ediport_limit_rows(x.name::regclass, format('EXISTS (SELECT 1 FROM routing_unit u WHERE u.account_id = %1$s.account_id AND u.id = %1$s.unit_id)', x.name))
FROM (VALUES ('eligibility_answer'), ('eligibility_rejection'), ('claim_status_answer'), ('claim_status'), ('authorization_event'),
	('authorization_decision'), ('inquiry'), ('finding')) AS x (name);
SELECT ediport_limit_rows(x.name::regclass, format('EXISTS (SELECT 1 FROM %2$s p WHERE p.account_id = %1$s.account_id AND p.id = %1$s.%3$s)', x.name, x.parent, x.key))
FROM (VALUES ('benefit', 'eligibility_answer', 'answer_id'), ('benefit_service_type', 'eligibility_answer', 'answer_id'),
	('benefit_detail', 'eligibility_answer', 'answer_id'), ('claim_status_line', 'claim_status_answer', 'answer_id'),
	('authorization_service', 'authorization_event', 'event_id')) AS x (name, parent, key);
SELECT ediport_limit_rows('person_mention', 'CASE kind
	WHEN ''claim'' THEN EXISTS (SELECT 1 FROM claim_payment c WHERE c.account_id = person_mention.account_id AND c.id = person_mention.row_id)
	ELSE EXISTS (SELECT 1 FROM routing_unit u WHERE u.account_id = person_mention.account_id AND u.id = person_mention.unit_id) END');
-- That a set is there, with its file and envelopes, is for those who see a part of it.
SELECT ediport_limit_rows('transaction_set_account',
	'EXISTS (SELECT 1 FROM routing_unit u WHERE u.operator_id = transaction_set_account.operator_id AND u.set_id = transaction_set_account.set_id
		AND u.account_id = transaction_set_account.account_id)');
