package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// An OutboundSet is a transaction set of a file that leaves.
type OutboundSet struct {
	Interchange   int // in the file, from 1
	Group         int // in the interchange, from 1
	No            int // in the group, from 1
	Code          string
	ControlNumber string
	Guide         string
	ByteOffset    int64
}

// The sets of a file are written by so many, or so much text, at a time: memory does not grow with the file.
const (
	setBatch      = 5_000
	setBatchBytes = 1 << 20
)

// An OutboundSets writes the sets of an outbound file in their order. End it by Flush.
type OutboundSets struct {
	tx   *LoadTx
	file FileID
	ids  *IDBlock
	size int

	id, offset                   []int64
	interchange, group, no       []int64
	code, controlNumber, guideID []string
}

// OutboundSets returns what writes the sets of an outbound file. The file may be queued afterwards, by the same id.
func (t *LoadTx) OutboundSets(file FileID) *OutboundSets {
	return &OutboundSets{tx: t, file: file, ids: t.db.ids.Block()}
}

// Add adds a set. Text that Postgres can't keep is changed, as a loader does.
func (s *OutboundSets) Add(ctx context.Context, set OutboundSet) error {
	id, err := s.ids.Next(ctx, IDSet)
	if err != nil {
		return fmt.Errorf("storage: outbound set: %w", err)
	}
	s.id, s.offset = append(s.id, id), append(s.offset, set.ByteOffset)
	s.interchange, s.group, s.no = append(s.interchange, int64(set.Interchange)), append(s.group, int64(set.Group)), append(s.no, int64(set.No))
	s.code, s.controlNumber = append(s.code, keepable(set.Code)), append(s.controlNumber, keepable(set.ControlNumber))
	s.guideID = append(s.guideID, keepable(set.Guide))
	s.size += len(set.Code) + len(set.ControlNumber) + len(set.Guide)
	if len(s.id) < setBatch && s.size < setBatchBytes {
		return nil
	}
	return s.Flush(ctx)
}

const insertOutboundSets = `
INSERT INTO outbound_set (operator_id, file_id, id, interchange_no, group_no, set_no, set_code, control_number, guide, byte_offset)
SELECT $1::bigint, $2::bigint, s.*
FROM unnest($3::bigint[], $4::integer[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::bigint[]) AS s`

// Flush writes what is collected.
func (s *OutboundSets) Flush(ctx context.Context) error {
	if len(s.id) == 0 {
		return nil
	}
	_, err := s.tx.exec(ctx, insertOutboundSets, s.tx.operator, s.file, pq.Array(s.id), pq.Array(s.interchange), pq.Array(s.group), pq.Array(s.no),
		pq.Array(s.code), pq.Array(s.controlNumber), pq.Array(s.guideID), pq.Array(s.offset))
	if err != nil {
		return fmt.Errorf("storage: outbound sets: %w", err)
	}
	s.id, s.offset, s.interchange, s.group, s.no = s.id[:0], s.offset[:0], s.interchange[:0], s.group[:0], s.no[:0]
	s.code, s.controlNumber, s.guideID, s.size = s.code[:0], s.controlNumber[:0], s.guideID[:0], 0
	return nil
}
