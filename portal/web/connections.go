package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

var connectionCrumbs = []Crumb{{"Connections", "/connections"}}

// A connectionRow is a connection with why it is paused and its last run.
type connectionRow struct {
	storage.Connection
	Why  *reason      // nil: not paused, or for a person's words
	Last *storage.Run // nil: never ran
}

// Health returns how the connection does, in one word.
func (c connectionRow) Health() string {
	switch {
	case c.OfferedHostKey != "":
		return "host key waits"
	case c.Paused:
		return "paused"
	case c.Last == nil:
		return "never used"
	case c.Last.Open():
		return "running"
	case c.Last.State == storage.RunFailed:
		return "failing"
	}
	return "ok"
}

// Tone returns the colour of Health.
func (c connectionRow) Tone() string {
	switch c.Health() {
	case "ok":
		return "ok"
	case "failing":
		return "bad"
	case "never used":
		return "idle"
	case "running":
		return "info"
	}
	return "warn"
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
	var rows []connectionRow
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		all, err := tx.Connections(r.Context())
		if err != nil {
			return err
		}
		for _, c := range all {
			row := connectionRow{Connection: c, Why: pauseReason(c)}
			if row.Last, err = lastRun(r.Context(), tx, storage.RunFilter{Connection: c.ID}); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "connections/list", Page{Title: "Connections", Data: rows})
}

// connectionData is the page of a connection.
type connectionData struct {
	connectionRow
	Runs      []runRow
	Schedules []storage.Schedule
	Sightings []storage.Sighting // there, but not taken
	Account   string
	Steps     []transfer.Step // of the test just made; nil: none was
	StepsOK   bool
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
	data := connectionData{Steps: steps, StepsOK: !slices.ContainsFunc(steps, func(s transfer.Step) bool { return s.State != transfer.StateOK })}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error { return loadConnection(r, tx, storage.ConnectionID(id), &data) })
	if err != nil {
		return err
	}
	return p.render(w, r, "connections/show", Page{Title: data.Name, Crumbs: connectionCrumbs, Data: data})
}

func loadConnection(r *http.Request, tx *storage.Tx, id storage.ConnectionID, data *connectionData) error {
	ctx := r.Context()
	c, err := tx.Connection(ctx, id)
	if err != nil {
		return err
	}
	data.connectionRow = connectionRow{Connection: *c, Why: pauseReason(*c)}
	runs, _, err := tx.Runs(ctx, storage.RunFilter{Connection: id, Limit: 10}, "")
	if err != nil {
		return err
	}
	data.Runs = runRows(runs, map[storage.ConnectionID]storage.Connection{id: *c})
	if len(runs) > 0 {
		data.Last = &runs[0]
	}
	schedules, err := tx.Schedules(ctx)
	if err != nil {
		return err
	}
	data.Schedules = slices.DeleteFunc(schedules, func(s storage.Schedule) bool { return s.Connection != id })
	seen, err := tx.Sightings(ctx, id)
	data.Sightings = slices.DeleteFunc(seen, func(s storage.Sighting) bool { return s.File != 0 })
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

// runConnection pulls from a connection at once.
func (p *Portal) runConnection(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	run, err := p.Desk.RunNow(r.Context(), scopeOf(r), storage.ConnectionID(id))
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

// approveHostKey pins the key that the server showed; the form names it, so that nobody approves
// another one than he has seen.
func (p *Portal) approveHostKey(r *http.Request, id storage.ConnectionID) error {
	return p.Desk.ApproveHostKey(r.Context(), scopeOf(r), id, r.PostForm.Get("key"))
}

func (p *Portal) deleteConnection(r *http.Request, id storage.ConnectionID) error {
	return p.Desk.DeleteConnection(r.Context(), scopeOf(r), id)
}
