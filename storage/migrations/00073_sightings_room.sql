-- Why: what is known of a remote file is written when it is listed, again when it is taken, and again at each look into its folder.
-- Where a page has room, Postgres puts the new version beside the old one and leaves the index, with its long paths, alone.

-- +goose Up
ALTER TABLE remote_seen SET (fillfactor = 50);
