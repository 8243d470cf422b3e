-- Why: how findings become acknowledgments, and what a partner wants beyond the guides, differ from
-- partner to partner. Both are documents that edi/ack and edi/guide read.

-- +goose Up
ALTER TABLE partner
	ADD COLUMN acknowledgment_policy jsonb, -- NULL: strict for requests, tolerant for answers
	ADD COLUMN rules jsonb;                 -- NULL: the guides alone
