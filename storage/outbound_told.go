package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// Told is what an acknowledgment of ours says.
type Told struct {
	Code   string      `json:"code,omitempty"`   // TA104
	Note   string      `json:"note,omitempty"`   // TA105
	Groups []ToldGroup `json:"groups,omitempty"` // of a 999
}

// A ToldGroup is what a 999 of ours says of a functional group.
type ToldGroup struct {
	ID   int64              `json:"id"`
	Code string             `json:"code"` // AK901
	Rest string             `json:"rest"` // IK501 of its sets, but for those below
	Sets map[string][]int64 `json:"sets,omitempty"`
}

const (
	tellInterchange = `
UPDATE interchange SET ta1_code = nullif($4, ''), ta1_note = nullif($5, ''), ta1_file_id = nullif($6::bigint, 0)
WHERE operator_id = $1 AND file_id = $2 AND id = $3`

	tellGroup = `
UPDATE functional_group SET acknowledgment = $4, acknowledgment_file_id = nullif($5::bigint, 0), acknowledged_at = NULL
WHERE operator_id = $1 AND file_id = $2 AND id = $3`

	tellSets = `
UPDATE transaction_set SET acknowledgment = $4
WHERE operator_id = $1 AND file_id = $2 AND group_id = $3`

	tellSomeSets = `
UPDATE transaction_set SET acknowledgment = $4
WHERE operator_id = $1 AND file_id = $2 AND id = ANY ($3::bigint[])`

	groupsWereTold = `
UPDATE functional_group SET acknowledged_at = $4
WHERE operator_id = $1 AND file_id = $2 AND acknowledgment_file_id = $3 AND acknowledged_at IS NULL`
)

// tell records what the sender of a file is told of it by the acknowledgment, once that is to leave.
func (t *LoadTx) tell(ctx context.Context, acknowledgment FileID, a *Answers) error {
	if a.Kind == "TA1" {
		return t.told(ctx, tellInterchange, t.operator, a.File, a.Interchange, a.Told.Code, a.Told.Note, acknowledgment)
	}
	for _, g := range a.Told.Groups {
		if err := t.told(ctx, tellGroup, t.operator, a.File, g.ID, g.Code, acknowledgment); err != nil {
			return err
		}
		if err := t.told(ctx, tellSets, t.operator, a.File, g.ID, g.Rest); err != nil {
			return err
		}
		for code, ids := range g.Sets {
			if err := t.told(ctx, tellSomeSets, t.operator, a.File, pq.Array(ids), code); err != nil {
				return err
			}
		}
	}
	return nil
}

// untell takes back what was to be told, because the acknowledgment never leaves.
func (t *LoadTx) untell(ctx context.Context, a *Answers) error {
	if a.Kind == "TA1" {
		return t.told(ctx, tellInterchange, t.operator, a.File, a.Interchange, "", "", 0)
	}
	for _, g := range a.Told.Groups {
		if err := t.told(ctx, tellGroup, t.operator, a.File, g.ID, "none", 0); err != nil {
			return err
		}
		if err := t.told(ctx, tellSets, t.operator, a.File, g.ID, "none"); err != nil {
			return err
		}
	}
	return nil
}

func (t *LoadTx) told(ctx context.Context, statement string, args ...any) error {
	if _, err := t.exec(ctx, statement, args...); err != nil {
		return fmt.Errorf("storage: acknowledging: %w", err)
	}
	return nil
}
