package web

import (
	"bufio"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/storage"
)

// auditExportForm asks which time is wanted, and in which format.
func (p *Portal) auditExportForm(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "audit/export", Page{Title: "Export the audit", Crumbs: auditCrumbs})
}

// exportAudit answers with the events of a time as a file. What goes wrong after its beginning ends the connection, so that
// a file that was cut is not taken for a whole one.
func (p *Portal) exportAudit(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	q.values = values
	f := storage.AuditFilter{From: instantOrNil(q.midnight("from", 0)), To: instantOrNil(q.midnight("to", 1))}
	format := q.choice("format", accounts.AuditFormats...)
	if format == "" {
		q.wrong("format", "Choose a format.")
	}
	if len(q.errors) > 0 {
		return p.render(w, r, "audit/export", Page{Title: "Export the audit", Crumbs: auditCrumbs, Errors: q.errors, Status: q.status(), Data: values})
	}
	if err := door.TakesFile(w); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	writer, err := accounts.NewAuditWriter(out, format)
	if err != nil {
		return err
	}
	begun := false
	err = p.Accounts.ExportAudit(r.Context(), scopeOf(r), f, format, func(records []accounts.AuditRecord) error {
		if !begun {
			begun = true
			auditHeaders(w.Header(), format)
		}
		return writer.Write(records)
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil && begun {
		p.Log.Error("audit export broken off", "incident", door.FromContext(r.Context()).Incident, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

func auditHeaders(h http.Header, format string) {
	h.Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[format])
	h.Set("Content-Disposition", `attachment; filename="audit.`+format+`"`)
}

// auditFormats are the formats that an export may have, for its form.
func auditFormats() []option {
	return []option{{"csv", "CSV, for spreadsheets"}, {"ndjson", "JSON, one event a line"}}
}
