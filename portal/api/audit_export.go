package api

import (
	"bufio"
	"cmp"
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// exportAudit answers with events as JSON lines or CSV, oldest first: those of the filter where one person's word is enough,
// else those of an approved export.
func (a *API) exportAudit(w http.ResponseWriter, r *http.Request) error {
	q, err := a.paramsOf(r)
	if err != nil {
		return err
	}
	if approval := q.id("approval", storage.PublicApproval); approval != 0 || q.fields["approval"] != "" {
		if err := q.done(); err != nil {
			return err
		}
		return a.sendApproved(w, r, approval)
	}
	x := a.exportOf(q)
	if err := q.done(); err != nil {
		return err
	}
	return a.sendAudit(w, r, x.Format, func(fn func([]accounts.AuditRecord) error) error {
		return a.Accounts.ExportAuditNow(r.Context(), principalOf(r), x, fn)
	})
}

func (a *API) exportOf(q *params) accounts.AuditExport {
	return accounts.AuditExport{Filter: a.auditFilter(q), Format: cmp.Or(q.choice("format", accounts.AuditFormats...), accounts.AuditFormats[0])}
}

func (a *API) sendApproved(w http.ResponseWriter, r *http.Request, approval int64) error {
	x, err := a.Accounts.ApprovedExport(r.Context(), principalOf(r), approval)
	if err != nil {
		return err
	}
	return a.sendAudit(w, r, x.Format, func(fn func([]accounts.AuditRecord) error) error {
		return a.Accounts.ExportApproved(r.Context(), principalOf(r), approval, fn)
	})
}

// askForExport asks a second person for an export, and answers with what waits then.
func (a *API) askForExport(w http.ResponseWriter, r *http.Request) error {
	return a.askOnce(w, r, http.StatusAccepted, func(p *accounts.Principal) (int64, error) {
		q, err := a.paramsOf(r)
		if err != nil {
			return 0, err
		}
		x, reason := a.exportOf(q), q.text("reason")
		if err := q.done(); err != nil {
			return 0, err
		}
		id, err := a.Accounts.RequestAuditExport(r.Context(), p, x, reason)
		if errors.Is(err, storage.ErrConflict) {
			return 0, &problem.ApprovalWaits
		}
		return id, err
	})
}

// sendAudit answers with what an export gives. What goes wrong after the beginning breaks the connection off, so that a part is
// not taken for the whole.
func (a *API) sendAudit(w http.ResponseWriter, r *http.Request, format string, export func(func([]accounts.AuditRecord) error) error) error {
	if err := door.TakesFile(w); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	writer, err := accounts.NewAuditWriter(out, format)
	if err != nil {
		return err
	}
	begun := false
	err = export(func(records []accounts.AuditRecord) error {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[format])
		}
		return writer.Write(records)
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil && begun {
		a.Log.Error("audit export broken off", "incident", door.FromContext(r.Context()).Incident, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}
