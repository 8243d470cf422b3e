package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The levels of run log lines.
const (
	LogInfo  = "info"
	LogWarn  = "warn"
	LogError = "error"
)

// A RunLine is a line of a run's log: a code of the error table and its numbers, never a name.
type RunLine struct {
	ID     int64           `db:"id"`
	At     time.Time       `db:"at"`
	Level  string          `db:"level"`
	Code   string          `db:"code"`
	Detail json.RawMessage `db:"detail"` // counts, file ids
}

const (
	insertRunLog = `
INSERT INTO run_log (operator_id, run_id, id, at, level, code, detail)
VALUES ($1, $2, $3, now(), $4, $5, $6::jsonb)`

	selectRunLog = `
SELECT id, at, level, code, detail
FROM run_log
WHERE operator_id = $1 AND run_id = $2 AND id > $3
ORDER BY id
LIMIT $4`
)

// LogRun appends a line to a run's log. The detail is anything JSON can carry, without patient data; nil: nothing.
func (t *Tx) LogRun(ctx context.Context, operator OperatorID, run RunID, level, code string, detail any) error {
	text := []byte("{}")
	if detail != nil {
		var err error
		if text, err = json.Marshal(detail); err != nil {
			return fmt.Errorf("storage: run log %s: %w", code, err)
		}
	}
	id, err := t.NewID(ctx, IDRunLog)
	if err != nil {
		return fmt.Errorf("storage: run log: %w", err)
	}
	if _, err := t.exec(ctx, insertRunLog, operator, run, id, level, code, string(text)); err != nil {
		return fmt.Errorf("storage: run log: %w", err)
	}
	return nil
}

// RunLog returns up to limit lines of a run's log, oldest first, behind the line with the id after (0: from the first).
func (t *Tx) RunLog(ctx context.Context, run RunID, after int64, limit int) ([]RunLine, error) {
	lines := []RunLine{}
	if err := t.list(ctx, &lines, selectRunLog, t.scope.Operator, run, after, limit); err != nil {
		return nil, fmt.Errorf("storage: run log: %w", err)
	}
	return lines, nil
}

// A RunFilter selects runs; zero fields select all.
type RunFilter struct {
	Connection ConnectionID
	Schedule   ScheduleID
	Kind       string
	States     []string
	Limit      int // 1 to 500; 0: 50
}

type runPosition struct {
	ID RunID `json:"id"`
}

// Runs returns the operator's runs that match, newest first, and the cursor of the next page, "" at
// the end.
func (t *Tx) Runs(ctx context.Context, f RunFilter, cursor Cursor) ([]Run, Cursor, error) {
	limit := f.Limit
	if limit < 1 || limit > 500 {
		limit = 50
	}
	f.Limit = 0 // a page link keeps fitting when the page's length changes
	query, args := runsQuery(t.scope.Operator, f)
	if cursor != "" {
		var at runPosition
		if err := t.db.cursors.Open("runs", t.scope, f, cursor, &at); err != nil {
			return nil, "", err
		}
		args = append(args, at.ID)
		query += fmt.Sprintf(" AND id < $%d", len(args))
	}
	args = append(args, limit+1)
	query += fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(args))
	runs := []Run{}
	if err := t.list(ctx, &runs, query, args...); err != nil {
		return nil, "", fmt.Errorf("storage: runs: %w", err)
	}
	if len(runs) <= limit {
		return runs, "", nil
	}
	runs = runs[:limit]
	next, err := t.db.cursors.Seal("runs", t.scope, f, runPosition{ID: runs[limit-1].ID})
	return runs, next, err
}

func runsQuery(operator OperatorID, f RunFilter) (string, []any) {
	query, args := `SELECT `+runColumns+` FROM run WHERE operator_id = $1`, []any{operator}
	where := func(condition string, value any) {
		args = append(args, value)
		query += fmt.Sprintf(" AND "+condition, len(args))
	}
	if f.Connection != 0 {
		where("connection_id = $%d", f.Connection)
	}
	if f.Schedule != 0 {
		where("schedule_id = $%d", f.Schedule)
	}
	if f.Kind != "" {
		where("kind = $%d", f.Kind)
	}
	if len(f.States) > 0 {
		where("state = ANY (string_to_array($%d, ','))", strings.Join(f.States, ","))
	}
	return query, args
}
