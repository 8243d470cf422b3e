-- Why: a business day is what an office says it is: a country's holidays, and dates of one's own that
-- are closed, or open although they are a holiday. Schedules name the calendars they go by.

-- +goose Up
CREATE TABLE calendar (
	operator_id bigint      NOT NULL,
	id          bigint      NOT NULL,
	name        text        NOT NULL,
	holidays    text        NOT NULL DEFAULT '' CHECK (holidays IN ('', 'us_federal')), -- built in; '': none
	days        jsonb       NOT NULL DEFAULT '[]', -- own dates: date, closed or open, name
	version     integer     NOT NULL DEFAULT 1,
	created_at  timestamptz NOT NULL DEFAULT now(),
	updated_at  timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (operator_id, id),
	UNIQUE (operator_id, name)
);
SELECT ediport_protect_operator('calendar', 'SELECT, INSERT, UPDATE, DELETE');
