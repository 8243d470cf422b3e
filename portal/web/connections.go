package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

var connectionCrumbs = []Crumb{{"Connections", "/connections"}}

// A connectionRow is a connection with how it does.
type connectionRow struct {
	storage.Connection
	Why      *reason           // why it is paused, if that is a code's to say
	Last     *storage.Run      // its last run; nil: never ran
	Next     *storage.Schedule // that is due next; nil: none is
	Incident *storage.Incident // that is open, the newest; nil: none is
	LateFrom time.Time         // since when a file is late; zero: none is
}

// Health returns how the connection does, in a word or two.
func (c *connectionRow) Health() string {
	switch {
	case c.OfferedHostKey != "" && len(c.HostKeys) > 0:
		return "host key changed"
	case c.OfferedHostKey != "":
		return "host key to approve"
	case c.Paused:
		return "paused"
	case c.Last != nil && c.Last.State == storage.RunRunning:
		return "running"
	case c.Incident != nil, c.ErrorStreak > 0, c.Last != nil && c.Last.State == storage.RunFailed:
		return "failing"
	case !c.LateFrom.IsZero():
		return "file late"
	case c.Last != nil && c.Last.Open():
		return "run queued"
	case len(c.HostKeys) == 0:
		return "not tested"
	case c.Last == nil:
		return "never used"
	}
	return "ok"
}

// Tone returns the colour of Health.
func (c *connectionRow) Tone() string {
	switch c.Health() {
	case "ok":
		return "ok"
	case "failing", "host key changed":
		return "bad"
	case "never used", "not tested":
		return "idle"
	case "running", "run queued":
		return "info"
	}
	return "warn"
}

// LastError returns the words of the last failure, while it lasts.
func (c *connectionRow) LastError() *reason {
	if c.ErrorStreak == 0 {
		return nil
	}
	return reasonOf(c.LastErrorCode)
}

// pauseReason returns the words for why a connection is paused, if they are a code's.
func pauseReason(c storage.Connection) *reason {
	if why := reasonOf(c.PausedReason); why != nil && why.Sentence != "" {
		return why
	}
	return nil
}

// listConnections shows partners' servers and how they do.
func (p *Portal) listConnections(w http.ResponseWriter, r *http.Request) error {
	var rows []*connectionRow
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		all, err := tx.Connections(r.Context())
		if err != nil {
			return err
		}
		rows = make([]*connectionRow, len(all))
		for i, c := range all {
			rows[i] = p.newConnectionRow(c)
			if rows[i].Last, err = lastRun(r.Context(), tx, storage.RunFilter{Connection: c.ID}); err != nil {
				return err
			}
		}
		return fillHealth(r.Context(), tx, rows...)
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "connections/list", Page{Title: "Connections", Data: rows})
}

func (p *Portal) newConnectionRow(c storage.Connection) *connectionRow {
	row := &connectionRow{Connection: c, Why: pauseReason(c)}
	if since, late := jobs.Late(&c, p.Now()); late {
		row.LateFrom = since
	}
	return row
}

// fillHealth finds the next due schedule and the newest open incident of connections.
func fillHealth(ctx context.Context, tx *storage.Tx, rows ...*connectionRow) error {
	byID := make(map[storage.ConnectionID]*connectionRow, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	schedules, err := tx.Schedules(ctx)
	if err != nil {
		return err
	}
	for _, s := range schedules {
		row := byID[s.Connection]
		if row != nil && !s.Paused && s.NextDueAt != nil && (row.Next == nil || s.NextDueAt.Before(*row.Next.NextDueAt)) {
			row.Next = &s
		}
	}
	incidents, _, err := tx.Incidents(ctx, storage.IncidentFilter{Open: true, Limit: 500}, "")
	for _, i := range incidents {
		if row := byID[i.Connection]; row != nil && row.Incident == nil {
			row.Incident = &i
		}
	}
	return err
}

// connectionData is the page of a connection.
type connectionData struct {
	*connectionRow
	Folders   []jobs.PullFolder
	Push      jobs.Push
	Network   jobs.Network
	Partner   string // name; "": the files tell
	PublicKey string // of the key by which it signs in; "": none
	NextKey   string // public half of the next credential's key; "": none
	Approvals []storage.HostKeyApproval
	Runs      []runRow
	Schedules []storage.Schedule
	Sightings []storage.Sighting     // there, but not taken
	Waiting   []storage.OutboundItem // to be sent
	Steps     []transfer.Step        // of the test just made; nil: none was
	StepsOK   bool
}

// Approval returns who approved a host key; nil: the audit doesn't say.
func (d *connectionData) Approval(key string) *storage.HostKeyApproval {
	for i := range d.Approvals {
		if d.Approvals[i].HostKey == key {
			return &d.Approvals[i]
		}
	}
	return nil
}

// Offered returns the host key that the server showed, just now in a test or before, and that nobody
// has approved; "": none.
func (d *connectionData) Offered() string {
	for _, s := range d.Steps {
		if s.HostKey != "" && s.State == transfer.StateFailed && !slices.Contains(d.HostKeys, s.HostKey) {
			return s.HostKey
		}
	}
	return d.OfferedHostKey
}

// showConnection shows a connection, without its secrets.
func (p *Portal) showConnection(w http.ResponseWriter, r *http.Request) error {
	return p.renderConnection(w, r, nil)
}

func (p *Portal) renderConnection(w http.ResponseWriter, r *http.Request, steps []transfer.Step) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	data := &connectionData{Steps: steps, StepsOK: wentWell(steps)}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error { return p.loadConnection(r.Context(), tx, storage.ConnectionID(id), data) })
	if err != nil {
		return err
	}
	if data.Auth != jobs.AuthPassword || data.NextAuth != "" {
		keys, err := p.Desk.PublicKeys(r.Context(), scopeOf(r), data.ID)
		if err != nil && !errors.Is(err, jobs.ErrSecrets) { // the page says so when it is used
			return err
		}
		data.NextKey = keys.Next
		if data.Auth != jobs.AuthPassword {
			data.PublicKey = keys.SignIn
		}
	}
	if err := p.namePartner(r, data); err != nil {
		return err
	}
	waiting := storage.OutboundFilter{Connection: data.ID, Open: true}
	if data.Waiting, _, err = p.DB.Outbounds(r.Context(), scopeOf(r), waiting, storage.Page{Limit: 20}); err != nil {
		return err
	}
	return p.render(w, r, "connections/show", Page{Title: data.Name, Crumbs: connectionCrumbs, Data: data})
}

// wentWell tells whether nothing of a test failed. A next credential that the server does not take yet is no failure.
func wentWell(steps []transfer.Step) bool {
	return !slices.ContainsFunc(steps, func(s transfer.Step) bool { return s.State != transfer.StateOK && s.State != transfer.StateNotYet })
}

func (p *Portal) namePartner(r *http.Request, data *connectionData) error {
	if data.Connection.Partner == 0 {
		return nil
	}
	partners, err := p.DB.Partners(r.Context(), scopeOf(r))
	for _, partner := range partners {
		if partner.ID == data.Connection.Partner {
			data.Partner = partner.Name
		}
	}
	return err
}

func (p *Portal) loadConnection(ctx context.Context, tx *storage.Tx, id storage.ConnectionID, data *connectionData) error {
	c, err := tx.Connection(ctx, id)
	if err != nil {
		return err
	}
	data.connectionRow = p.newConnectionRow(*c)
	if err := data.settings(c); err != nil {
		return err
	}
	runs, _, err := tx.Runs(ctx, storage.RunFilter{Connection: id, Limit: 10}, "")
	if err != nil {
		return err
	}
	data.Runs = runRows(runs, map[storage.ConnectionID]storage.Connection{id: *c})
	if len(runs) > 0 {
		data.Last = &runs[0]
	}
	if err := fillHealth(ctx, tx, data.connectionRow); err != nil {
		return err
	}
	schedules, err := tx.Schedules(ctx)
	if err != nil {
		return err
	}
	data.Schedules = slices.DeleteFunc(schedules, func(s storage.Schedule) bool { return s.Connection != id })
	return data.loadTraffic(ctx, tx)
}

// settings reads the connection's documents.
func (d *connectionData) settings(c *storage.Connection) (err error) {
	if d.Folders, err = jobs.FoldersOf(c); err != nil {
		return err
	}
	if d.Push, err = jobs.PushOf(c); err != nil {
		return err
	}
	d.Network, err = jobs.NetworkOf(c)
	return err
}

// loadTraffic finds what was seen and not taken, and who approved the host keys.
func (d *connectionData) loadTraffic(ctx context.Context, tx *storage.Tx) (err error) {
	if d.Approvals, err = tx.HostKeyApprovals(ctx, d.ID); err != nil {
		return err
	}
	seen, err := tx.Sightings(ctx, d.ID)
	d.Sightings = slices.DeleteFunc(seen, func(s storage.Sighting) bool { return s.File != 0 })
	return err
}

// testConnection tries everything that a pull needs, and shows step by step what works.
func (p *Portal) testConnection(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	steps, err := p.Desk.TestConnection(r.Context(), scopeOf(r), storage.ConnectionID(id))
	if err != nil {
		return jobProblem(err)
	}
	return p.renderConnection(w, r, steps)
}

// untested leads back to the connection who asks for the page of a test, which nothing keeps.
func (p *Portal) untested(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, "/connections/"+r.PathValue("id"), "")
}

// runConnection pulls from a connection at once.
func (p *Portal) runConnection(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	run, err := p.Desk.RunNow(r.Context(), scopeOf(r), storage.ConnectionID(id))
	return p.toRun(w, r, run, err)
}

// pushConnection sends what waits, at once.
func (p *Portal) pushConnection(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	run, err := p.Desk.PushNow(r.Context(), scopeOf(r), storage.ConnectionID(id))
	return p.toRun(w, r, run, err)
}

// connectionAct returns the handler of a change that needs no more than the connection's id and the form.
func (p *Portal) connectionAct(code string, act func(r *http.Request, id storage.ConnectionID) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicConnection)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		if err := act(r, storage.ConnectionID(id)); err != nil {
			return jobProblem(err)
		}
		path := "/connections/" + r.PathValue("id")
		if code == "connection-deleted" {
			path = "/connections"
		}
		return p.done(w, r, path, code)
	}
}

func (p *Portal) pauseConnection(r *http.Request, id storage.ConnectionID) error {
	why := strings.TrimSpace(r.PostForm.Get("reason"))
	if why == "" {
		why = "Paused by " + principalOf(r).Name
	}
	return p.Desk.PauseConnection(r.Context(), scopeOf(r), id, why)
}

func (p *Portal) resumeConnection(r *http.Request, id storage.ConnectionID) error {
	return p.Desk.ResumeConnection(r.Context(), scopeOf(r), id)
}

// makeKey gives the connection a new key pair in place of its key.
func (p *Portal) makeKey(r *http.Request, id storage.ConnectionID) error {
	_, err := p.Desk.GenerateKey(r.Context(), scopeOf(r), id)
	return err
}

func (p *Portal) deleteConnection(r *http.Request, id storage.ConnectionID) error {
	return p.Desk.DeleteConnection(r.Context(), scopeOf(r), id)
}
