-- Why: a connection's page says who approved its host keys, and when. The audit knows, and is long.

-- +goose Up

-- The approvals of a connection, newest first.
CREATE INDEX audit_event_of_host_keys ON audit_event (operator_id, object_id, id DESC)
	WHERE action = 'connection.host_key_approved';
