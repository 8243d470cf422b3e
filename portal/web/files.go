package web

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

var fileCrumbs = []Crumb{{"Files", "/files"}}

var fileStates = []option{
	{"", "All states"},
	{"downloaded", "Downloaded"},
	{"validated", "Validated"},
	{"loaded", "Loaded"},
	{"partly_loaded", "Partly loaded"},
	{"held", "Held"},
	{"duplicate", "Duplicate"},
	{"stored", "Stored"},
	{"failed", "Failed"},
	{"generated", "Generated"},
	{"sending", "Sending"},
	{"sent", "Sent"},
	{"uncertain", "Uncertain"},
	{"void", "Void"},
	{"purged", "Purged"},
}

// attentionStates are those in which a file waits for a person or is still under way.
var attentionStates = []string{"held", "failed", "uncertain", "sending"}

// listFiles shows what came and went, newest first.
func (p *Portal) listFiles(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.FileFilter{
		Name: q.text("name"), Direction: q.choice("direction", "in", "out"), Connection: storage.ConnectionID(q.id("connection", storage.PublicConnection)),
		ReceivedFrom: q.midnight("from", 0), ReceivedTo: q.midnight("to", 1), SHA256: q.text("sha256"),
	}
	switch state := q.text("state"); state {
	case "":
	case "attention":
		f.States = attentionStates
	default:
		f.States = []string{state}
	}
	data := listData{
		Filter: []filterField{
			q.field("name", "Name begins with", "text"),
			q.choices("state", "State", append([]option{fileStates[0], {"attention", "Needs attention"}}, fileStates[1:]...)...),
			q.choices("direction", "Direction", option{"", "In and out"}, option{"in", "In"}, option{"out", "Out"}),
			q.field("from", "Received from", "date"), q.field("to", "Received until", "date"),
		},
		Filtered: q.given("name", "state", "direction", "from", "to", "connection", "sha256"),
	}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.Files(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "files/list", Page{Title: "Files", Data: data, Errors: q.errors, Status: q.status()})
}

// fileData is the page of a file.
type fileData struct {
	storage.FileDetail
	Why       *reason
	Events    []fileEvent
	Sets      []setRow
	SetsPager Pager
	Findings  []findingRow
	More      bool // there are more findings than shown
	Operator  bool // the exchange plane is open to who asks
}

type fileEvent struct {
	storage.FileEvent
	Why *reason
}

// A setRow is a set with the words of its reason.
type setRow struct {
	storage.SetItem
	Why *reason
}

func setRows(sets []storage.SetItem) []setRow {
	rows := make([]setRow, len(sets))
	for i, s := range sets {
		rows[i] = setRow{s, reasonOf(s.DispositionReason)}
	}
	return rows
}

// findingsShown is how many findings stand on the page of a file or set; their own page has all.
const findingsShown = 10

// showFile shows a file's way, its envelopes and sets, and what was found wrong with them.
func (p *Portal) showFile(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicFile)
	if err != nil {
		return err
	}
	scope, file := scopeOf(r), storage.FileID(id)
	d, err := p.DB.FileDetail(r.Context(), scope, file)
	if err != nil {
		return err
	}
	data := fileData{FileDetail: d, Why: reasonOf(d.StateReason), Operator: scope.Operator != 0}
	for _, e := range d.Events {
		data.Events = append(data.Events, fileEvent{e, reasonOf(e.Reason)})
	}
	sets, next, err := p.DB.FileSets(r.Context(), scope, storage.SetFilter{File: file}, storage.Page{Cursor: cursorOf(r)})
	if err != nil {
		return err
	}
	data.Sets, data.SetsPager = setRows(sets), pager(r, next)
	if data.Findings, data.More, err = p.someFindings(r, scope, storage.FindingFilter{File: file}); err != nil {
		return err
	}
	return p.render(w, r, "files/show", Page{Title: d.Name, Crumbs: fileCrumbs, Data: data})
}

// someFindings returns the first findings, and whether there are more.
func (p *Portal) someFindings(r *http.Request, scope storage.Scope, f storage.FindingFilter) ([]findingRow, bool, error) {
	rows, next, err := p.DB.FileFindings(r.Context(), scope, f, storage.Page{Limit: findingsShown})
	return findingRows(rows), next != "", err
}

// findingsData is the page of a file's findings.
type findingsData struct {
	listData
	File   storage.FileDetail
	Counts []storage.SeverityCount
}

// listFindings shows all findings of a file.
func (p *Portal) listFindings(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicFile)
	if err != nil {
		return err
	}
	scope, file := scopeOf(r), storage.FileID(id)
	d, err := p.DB.FileDetail(r.Context(), scope, file)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	f := storage.FindingFilter{File: file, Severity: q.choice("severity", "error", "warning", "info"), Set: q.id("set", storage.PublicSet)}
	rows, next, err := p.DB.FileFindings(r.Context(), scope, f, storage.Page{Cursor: cursorOf(r)})
	if err != nil {
		return err
	}
	data := findingsData{File: d, Counts: d.FindingCounts, listData: listData{
		Filter: []filterField{q.choices("severity", "Severity", option{"", "All"}, option{"error", "Errors"}, option{"warning", "Warnings"}, option{"info", "Notes"})},
		Rows:   findingRows(rows), Pager: pager(r, next), Filtered: q.given("severity", "set"),
	}}
	crumbs := append(fileCrumbs[:1:1], Crumb{d.Name, "/files/" + p.id(storage.PublicFile, id)})
	return p.render(w, r, "files/findings", Page{Title: "Findings", Crumbs: crumbs, Data: data})
}
