package accounts

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// An AuditWriter writes records as JSON lines or CSV.
type AuditWriter struct {
	write func([]AuditRecord) error
}

// AuditFormats are the formats that an AuditWriter knows.
var AuditFormats = []string{"ndjson", "csv"}

// NewAuditWriter returns a writer in the format, an *InputError if there is none such.
func NewAuditWriter(w io.Writer, format string) (*AuditWriter, error) {
	switch format {
	case "ndjson":
		return &AuditWriter{jsonLines(w)}, nil
	case "csv":
		return &AuditWriter{csvRows(w)}, nil
	}
	return nil, &InputError{"format", "The format is one of " + strings.Join(AuditFormats, ", ") + "."}
}

// Write writes a portion of records.
func (w *AuditWriter) Write(records []AuditRecord) error {
	if err := w.write(records); err != nil {
		return fmt.Errorf("accounts: writing the audit: %w", err)
	}
	return nil
}

func jsonLines(w io.Writer) func([]AuditRecord) error {
	encoder := json.NewEncoder(w)
	return func(records []AuditRecord) error {
		for _, r := range records {
			if err := encoder.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
}

var auditColumns = []string{
	"id", "at", "action", "result", "actor_kind", "actor_id", "actor_login", "actor_name", "object_kind", "object_id", "object_login",
	"operator", "account", "address", "correlation_id", "detail",
}

// csvRows writes the header with the first portion, also if it is empty.
func csvRows(w io.Writer) func([]AuditRecord) error {
	out, begun := csv.NewWriter(w), false
	return func(records []AuditRecord) error {
		if !begun {
			begun = true
			if err := out.Write(auditColumns); err != nil {
				return err
			}
		}
		for _, r := range records {
			row := []string{
				r.ID, r.At.Format(time.RFC3339Nano), r.Action, r.Result, r.Actor.Kind, r.Actor.ID, r.Actor.Login, r.Actor.Name,
				r.Object.Kind, r.Object.ID, r.Object.Login, r.Operator, r.Account, r.Address, r.CorrelationID, string(r.Detail),
			}
			for i := range row {
				row[i] = harmless(row[i])
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	}
}

// harmless keeps a spreadsheet from taking a cell for a formula, and a terminal from obeying one.
func harmless(cell string) string {
	cell = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, cell)
	if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
