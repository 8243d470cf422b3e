package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// Errors a caller can act on. Test with errors.Is.
var (
	// ErrNotFound: there is no such row, or the scope may not see it.
	ErrNotFound = errors.New("not found")
	// ErrConflict: another row stands in the way, or the row was changed in between.
	ErrConflict = errors.New("conflict with what is already there")
	// ErrFenced: the run or load was taken over by somebody else; stop without a trace.
	ErrFenced = errors.New("taken over by another worker")
	// ErrNoScope: a transaction was asked for without saying for whom.
	ErrNoScope = errors.New("no scope given")
	// ErrRetry: the transaction met another one; the same again will do.
	ErrRetry = errors.New("collided with another transaction, try again")
)

// An Error is what the database said, without the parts that quote column values: Detail and Where
// are left out, and so is the message of data errors (class 22), which quotes its input.
type Error struct {
	Code       string // SQLSTATE
	Message    string // "" for class 22
	Table      string
	Column     string
	Constraint string
	Line       int // row of a COPY chunk the error speaks of, 0 if it speaks of none
	kind       error
}

// Error names code, place and, where it is harmless, the message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("database: ")
	if e.Message != "" {
		b.WriteString(e.Message)
		b.WriteString(" ")
	}
	fmt.Fprintf(&b, "(SQLSTATE %s", e.Code)
	for _, p := range []struct{ name, value string }{{"table", e.Table}, {"column", e.Column}, {"constraint", e.Constraint}} {
		if p.value != "" {
			fmt.Fprintf(&b, ", %s %s", p.name, p.value)
		}
	}
	b.WriteString(")")
	return b.String()
}

// Unwrap gives ErrConflict, ErrRetry, context.Canceled or context.DeadlineExceeded where they apply.
func (e *Error) Unwrap() error { return e.kind }

// cleanError turns what sqlx and lib/pq return into an error that may leave the package.
func cleanError(err error) error {
	var p *pq.Error
	var own *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &p):
		return fromPostgres(p)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return err
}

func fromPostgres(p *pq.Error) *Error {
	e := &Error{Code: string(p.Code), Table: p.Table, Column: p.Column, Constraint: p.Constraint}
	if !strings.HasPrefix(e.Code, "22") {
		e.Message = p.Message
	}
	table, line, column := copyContext(p.Where)
	e.Line = line
	if e.Table == "" {
		e.Table = table
	}
	if e.Column == "" {
		e.Column = column
	}
	switch e.Code {
	case "23505", "23P01": // unique and exclusion violations
		e.kind = ErrConflict
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		e.kind = ErrRetry
	case "57014":
		// The driver reports our own cancellation as the server's error; the server's time-out differs.
		e.kind = context.DeadlineExceeded
		if strings.Contains(p.Message, "user request") {
			e.kind = context.Canceled
		}
	}
	return e
}

// copyContext reads table, line and column out of `COPY claim_payment, line 12, column charge: "…"`
// and leaves the value behind.
func copyContext(where string) (table string, line int, column string) {
	rest, ok := strings.CutPrefix(where, "COPY ")
	if !ok {
		return "", 0, ""
	}
	rest, _, _ = strings.Cut(rest, ":")
	for i, part := range strings.Split(rest, ", ") {
		switch {
		case i == 0:
			table = part
		case strings.HasPrefix(part, "line "):
			_, _ = fmt.Sscanf(part, "line %d", &line)
		case strings.HasPrefix(part, "column "):
			column = strings.TrimPrefix(part, "column ")
		}
	}
	return table, line, column
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
