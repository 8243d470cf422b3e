package accounts

import (
	"context"
	"maps"
	"time"

	"github.com/ediport/ediport/storage"
)

// An AuditExport says which events are taken out, and in which format.
type AuditExport struct {
	Filter storage.AuditFilter `json:"filter"`
	Format string              `json:"format"`
}

// ExportAudit gives fn the events that match, oldest first, in portions, after an event that says so. The scope
// must be that of ExportAudit; who exports by page or program goes through [Service.ExportAuditNow], which asks whether it
// takes two people.
func (s *Service) ExportAudit(ctx context.Context, scope storage.Scope, f storage.AuditFilter, format string, fn func([]AuditRecord) error) error {
	return s.exportAudit(ctx, scope, AuditExport{f, format}, nil, fn)
}

// exportAudit exports; detail is what its event says besides the time.
func (s *Service) exportAudit(ctx context.Context, scope storage.Scope, x AuditExport, detail map[string]any, fn func([]AuditRecord) error) error {
	said := map[string]any{"format": x.Format}
	maps.Copy(said, detail)
	if x.Filter.From != nil {
		said["from"] = x.Filter.From.UTC().Format(time.RFC3339)
	}
	if x.Filter.To != nil {
		said["to"] = x.Filter.To.UTC().Format(time.RFC3339)
	}
	if err := s.auditTold(ctx, scope, "audit.exported", said); err != nil {
		return err
	}
	if err := fn(nil); err != nil { // so that a file without events has its header
		return err
	}
	return s.db.EachAuditEvent(ctx, scope, x.Filter, func(events []storage.AuditItem) error {
		records, err := s.recordsOf(ctx, events)
		if err != nil {
			return err
		}
		return fn(records)
	})
}
