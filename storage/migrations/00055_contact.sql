-- Why: an address that nobody reads any more can't bring a person back in. People say from time to time
-- that theirs is still right; administrators see who hasn't.

-- +goose Up
ALTER TABLE app_user
	ADD COLUMN phone                text,        -- for people to call; NULL: none given
	ADD COLUMN contact_confirmed_at timestamptz, -- when the person last said that e-mail and phone are right; NULL: never
	ADD COLUMN contact_asked_at     timestamptz; -- when the person last chose to answer later; NULL: never
