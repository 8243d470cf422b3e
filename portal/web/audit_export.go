package web

import (
	"bufio"
	"errors"
	"net/http"
	"net/url"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/storage"
)

// exportData is the form of an export.
type exportData struct {
	Values url.Values
	Places []option // organizations to choose from; one or none: there is nothing to choose
	Two    bool     // it takes two people
}

// auditExportForm asks which time is wanted, in which format, and why if somebody else has to approve it.
func (p *Portal) auditExportForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderExport(w, r, url.Values{}, nil)
}

func (p *Portal) renderExport(w http.ResponseWriter, r *http.Request, values url.Values, wrong FieldErrors) error {
	places, err := p.Accounts.ExportPlaces(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	data := exportData{Values: values}
	for _, place := range places {
		data.Two = data.Two || place.Two
		if len(places) > 1 {
			data.Places = append(data.Places, option{p.id(storage.PublicAccount, int64(place.Account)), place.Name})
		}
	}
	if len(data.Places) > 0 && !data.Two {
		data.Places = append([]option{{"", "All of them"}}, data.Places...)
	}
	page := Page{Title: "Export the audit", Crumbs: auditCrumbs, Errors: wrong, Data: data}
	if len(wrong) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "audit/export", page)
}

// exportAudit answers with the events of a time as a file, or asks a second person for it where it takes two.
func (p *Portal) exportAudit(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	q.values = values
	x := accounts.AuditExport{Format: q.choice("format", accounts.AuditFormats...), Filter: storage.AuditFilter{
		From: instantOrNil(q.midnight("from", 0)), To: instantOrNil(q.midnight("to", 1)), Account: storage.AccountID(q.id("account", storage.PublicAccount)),
	}}
	if x.Format == "" {
		q.wrong("format", "Choose a format.")
	}
	if len(q.errors) > 0 {
		return p.renderExport(w, r, values, q.errors)
	}
	err = p.sendAudit(w, r, x.Format, func(fn func([]accounts.AuditRecord) error) error {
		return p.Accounts.ExportAuditNow(r.Context(), principalOf(r), x, fn)
	})
	if !errors.Is(err, accounts.ErrExportNeedsApproval) {
		return err
	}
	_, err = p.Accounts.RequestAuditExport(r.Context(), principalOf(r), x, values.Get("reason"))
	var input *accounts.InputError
	switch {
	case errors.As(err, &input):
		return p.renderExport(w, r, values, fieldErrors(err))
	case errors.Is(err, storage.ErrConflict):
		return p.renderExport(w, r, values, FieldErrors{"reason": "You wait for another export already: see Approvals. Withdraw it there to ask for this one."})
	case err != nil:
		return err
	}
	return p.done(w, r, "/approvals", "export-requested")
}

// approvedExportPage shows an export that somebody asked for and may take out now.
func (p *Portal) approvedExportPage(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicApproval)
	if err != nil {
		return err
	}
	x, err := p.Accounts.ApprovedExport(r.Context(), principalOf(r), id)
	if err != nil {
		return err
	}
	return p.render(w, r, "audit/approved", Page{Title: "Approved export", Crumbs: []Crumb{{"Approvals", "/approvals"}}, Data: x})
}

// takeApprovedExport answers with the events of an approved export as a file.
func (p *Portal) takeApprovedExport(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicApproval)
	if err != nil {
		return err
	}
	x, err := p.Accounts.ApprovedExport(r.Context(), principalOf(r), id)
	if err != nil {
		return err
	}
	return p.sendAudit(w, r, x.Format, func(fn func([]accounts.AuditRecord) error) error {
		return p.Accounts.ExportApproved(r.Context(), principalOf(r), id, fn)
	})
}

// sendAudit answers with what an export gives, as a file. What goes wrong after its beginning ends the connection, so that
// a file that was cut is not taken for a whole one.
func (p *Portal) sendAudit(w http.ResponseWriter, r *http.Request, format string, export func(func([]accounts.AuditRecord) error) error) error {
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
