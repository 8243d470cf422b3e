package web

import (
	"net/http"
	"strings"

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
	q, scope := p.queryOf(r), scopeOf(r)
	f := q.fileFilter()
	fields, err := p.fileFields(r, q, scope)
	if err != nil {
		return err
	}
	data := listData{Filter: fields, Filtered: q.given("name", "state", "direction", "partner", "from", "to", "connection", "sha256", "run")}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.Files(r.Context(), scope, f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = fileRows(rows), pager(r, next)
	}
	return p.render(w, r, "files/list", Page{Title: "Files", Data: data, Errors: q.errors, Status: q.status()})
}

// A fileRow is a file with the words of its reason.
type fileRow struct {
	storage.FileItem
	Why *reason
}

func fileRows(files []storage.FileItem) []fileRow {
	rows := make([]fileRow, len(files))
	for i, f := range files {
		rows[i] = fileRow{f, reasonOf(f.StateReason)}
	}
	return rows
}

// fileFilter reads what files are looked for.
func (q *query) fileFilter() storage.FileFilter {
	f := storage.FileFilter{
		Name: q.text("name"), Direction: q.choice("direction", "in", "out"), Partner: storage.PartnerID(q.id("partner", storage.PublicPartner)),
		Connection:   storage.ConnectionID(q.id("connection", storage.PublicConnection)),
		Run:          storage.RunID(q.id("run", storage.PublicRun)),
		ReceivedFrom: q.midnight("from", 0), ReceivedTo: q.midnight("to", 1), SHA256: q.hash("sha256"),
	}
	switch state := q.text("state"); state {
	case "":
	case "attention":
		f.States = attentionStates
	default:
		f.States = []string{state}
	}
	return f
}

// hash reads a SHA-256 or its beginning, in hex.
func (q *query) hash(name string) string {
	text := strings.ToLower(q.text(name))
	if len(text) > 64 || strings.Trim(text, "0123456789abcdef") != "" {
		q.wrong(name, "A fingerprint has up to 64 signs: digits, and letters from a to f.")
		return ""
	}
	return text
}

// fileFields are the fields of the search form. Users of accounts aren't told by whom files came.
func (p *Portal) fileFields(r *http.Request, q *query, scope storage.Scope) ([]filterField, error) {
	fields := []filterField{q.field("name", "Name begins with", "search")}
	if scope.Operator != 0 {
		more, err := p.sideFields(r, q, scope)
		if err != nil {
			return nil, err
		}
		fields = append(fields, more...)
	}
	fields = append(
		fields, q.choices("state", "State", append([]option{fileStates[0], {"attention", "Needs attention"}}, fileStates[1:]...)...),
		q.choices("direction", "Direction", option{"", "In and out"}, option{"in", "In"}, option{"out", "Out"}),
		q.field("from", "From", "date"), q.field("to", "Until", "date"),
	)
	if scope.Operator != 0 {
		fields = append(fields, q.field("sha256", "SHA-256 begins with", "search"))
	}
	return fields, nil
}

// sideFields are the choices of the partner and the connection.
func (p *Portal) sideFields(r *http.Request, q *query, scope storage.Scope) ([]filterField, error) {
	partners, err := p.DB.Partners(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	var fields []filterField
	options := []option{{"", "All partners"}}
	for _, partner := range partners {
		options = append(options, option{p.id(storage.PublicPartner, int64(partner.ID)), partner.Name})
	}
	if len(partners) > 0 {
		fields = append(fields, q.pick("partner", "Partner", options...))
	}
	err = p.DB.InScopeRead(r.Context(), scope, func(tx *storage.Tx) error {
		options, err = p.connectionOptions(r.Context(), tx)
		return err
	})
	options[0] = option{"", "All connections"}
	return append(fields, q.pick("connection", "Connection", options...)), err
}

// fileData is the page of a file.
type fileData struct {
	storage.FileDetail
	Why       *reason
	Timeline  []fileStep
	Sets      []setRow
	SetsPager Pager
	Findings  []findingRow
	More      bool                   // there are more findings than shown
	Operator  bool                   // the exchange plane is open to who asks
	Outbound  *outboundData          // of a file that we send; nil: it came in
	Answers   []storage.OutboundItem // the TA1 and 999 that we made for it
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
	sets, next, err := p.DB.FileSets(r.Context(), scope, storage.SetFilter{File: file}, storage.Page{Cursor: cursorOf(r)})
	if err != nil {
		return err
	}
	data.Sets, data.SetsPager = setRows(sets), pager(r, next)
	if data.Findings, data.More, err = p.someFindings(r, scope, storage.FindingFilter{File: file}); err != nil {
		return err
	}
	if err := p.loadOutbound(r, &data); err != nil {
		return err
	}
	if err := p.fillTimeline(r, &data); err != nil {
		return err
	}
	return p.render(w, r, "files/show", Page{Title: d.Name, Crumbs: fileCrumbs, Data: data})
}

// fillTimeline says what happened to the file, and who did it.
func (p *Portal) fillTimeline(r *http.Request, data *fileData) error {
	var people []storage.UserID
	for _, e := range data.Events {
		if e.ActorID != 0 {
			people = append(people, e.ActorID)
		}
	}
	return p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		names, err := tx.UserNames(r.Context(), people...)
		data.Timeline = p.timeline(data, names)
		return err
	})
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
	data := findingsData{File: d, Counts: d.FindingCounts, listData: listData{
		Filter:   []filterField{q.choices("severity", "Severity", option{"", "All"}, option{"error", "Errors"}, option{"warning", "Warnings"}, option{"info", "Notes"})},
		Filtered: q.given("severity", "set"),
	}}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.FileFindings(r.Context(), scope, f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = findingRows(rows), pager(r, next)
	}
	crumbs := append(fileCrumbs[:1:1], Crumb{d.Name, "/files/" + p.id(storage.PublicFile, id)})
	return p.render(w, r, "files/findings", Page{Title: "Findings", Crumbs: crumbs, Data: data, Errors: q.errors, Status: q.status()})
}
