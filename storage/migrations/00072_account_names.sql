-- Why: two organizations of one name, made at the same time by page, program and command line, are one mistake that nobody sees:
-- people give roles and route answers by the name. Two in use of one operator no longer have the same name, however it is
-- capitalized. Where there are such already, the later ones keep their name, and are marked, until they are renamed: nobody's
-- organization changes its name by an upgrade.

-- +goose Up
ALTER TABLE account ADD COLUMN name_shared boolean NOT NULL DEFAULT false; -- another one had the name when names became unique

UPDATE account SET name_shared = true
WHERE id IN (
	SELECT id
	FROM (
		SELECT id, row_number() OVER (PARTITION BY operator_id, lower(name) ORDER BY created_at, id) AS n
		FROM account
		WHERE kind <> 'unrouted' AND closed_at IS NULL
	) named
	WHERE n > 1
);

-- No two organizations in use of one name where people choose among them.
CREATE UNIQUE INDEX account_name ON account (operator_id, lower(name)) WHERE kind <> 'unrouted' AND closed_at IS NULL AND NOT name_shared;
