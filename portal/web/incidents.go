package web

import (
	"context"
	"net/http"

	"github.com/ediport/ediport/storage"
)

var incidentCrumbs = []Crumb{{"Incidents", "/incidents"}}

// An incidentRow is an incident in words.
type incidentRow struct {
	storage.Incident
	Why            *reason
	AcknowledgedBy string // name; "": nobody, or the command line
	Path           string // of what it is about; "": nothing has a page
	About          string
}

// State returns how far the incident is.
func (i incidentRow) State() string {
	switch {
	case i.ResolvedAt != nil:
		return "over"
	case i.AcknowledgedAt != nil:
		return "looked after"
	}
	return "open"
}

// Tone returns the colour of State.
func (i incidentRow) Tone() string {
	switch i.State() {
	case "over":
		return "idle"
	case "looked after":
		return "warn"
	}
	return "bad"
}

// incidentRows says incidents in words, and who looks after them.
func (p *Portal) incidentRows(ctx context.Context, tx *storage.Tx, all []storage.Incident) ([]incidentRow, error) {
	var people []storage.UserID
	for _, i := range all {
		if i.AcknowledgedBy != 0 {
			people = append(people, i.AcknowledgedBy)
		}
	}
	names, err := tx.UserNames(ctx, people...)
	if err != nil {
		return nil, err
	}
	rows := make([]incidentRow, len(all))
	for n, i := range all {
		rows[n] = incidentRow{Incident: i, Why: reasonOf(i.Code), AcknowledgedBy: names[i.AcknowledgedBy]}
		rows[n].Path, rows[n].About = p.aboutOf(i)
	}
	return rows, nil
}

// aboutOf returns the page of what an incident is about, and its name.
func (p *Portal) aboutOf(i storage.Incident) (path, about string) {
	switch i.SubjectKind {
	case storage.SubjectConnection:
		path, about = "/connections/"+p.id(storage.PublicConnection, i.SubjectID), "connection"
	case storage.SubjectSchedule:
		path, about = "/schedules/"+p.id(storage.PublicSchedule, i.SubjectID), "schedule"
	case storage.SubjectFile:
		return "/files/" + p.id(storage.PublicFile, i.SubjectID), "a file"
	case storage.SubjectRun:
		return "/runs/" + p.id(storage.PublicRun, i.SubjectID), "a run"
	default:
		return "", "this installation"
	}
	if i.SubjectName == "" {
		return "", "a deleted " + about
	}
	return path, i.SubjectName
}

// listIncidents shows what goes wrong, and on demand what went wrong.
func (p *Portal) listIncidents(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.IncidentFilter{Connection: storage.ConnectionID(q.id("connection", storage.PublicConnection)), Open: q.text("state") == "", Unacknowledged: q.text("state") == "new"}
	f.Open = f.Open || f.Unacknowledged
	data := listData{Filtered: q.given("state", "connection"), Filter: []filterField{
		q.choices("state", "State", option{"", "Open"}, option{"new", "Open, nobody looks after them"}, option{"all", "All, also those that are over"}),
	}}
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		if len(q.errors) > 0 {
			return nil
		}
		all, next, err := tx.Incidents(r.Context(), f, cursorOf(r))
		if err != nil {
			return err
		}
		data.Pager = pager(r, next)
		rows, err := p.incidentRows(r.Context(), tx, all)
		data.Rows = rows
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "incidents/list", Page{Title: "Incidents", Data: data, Errors: q.errors, Status: q.status()})
}

// showIncident shows an incident and what to do about it.
func (p *Portal) showIncident(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicIncident)
	if err != nil {
		return err
	}
	var row incidentRow
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		i, err := tx.Incident(r.Context(), id)
		if err != nil {
			return err
		}
		rows, err := p.incidentRows(r.Context(), tx, []storage.Incident{*i})
		if err == nil {
			row = rows[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "incidents/show", Page{Title: "Incident", Crumbs: incidentCrumbs, Data: row})
}

// incidentAct returns the handler of a change of an incident.
func (p *Portal) incidentAct(code string, act func(r *http.Request, id int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicIncident)
		if err != nil {
			return err
		}
		if err := act(r, id); err != nil {
			return err
		}
		return p.done(w, r, "/incidents/"+r.PathValue("id"), code)
	}
}

func (p *Portal) acknowledgeIncident(r *http.Request, id int64) error {
	return p.Desk.AcknowledgeIncident(r.Context(), scopeOf(r), id)
}

func (p *Portal) closeIncident(r *http.Request, id int64) error {
	return p.Desk.CloseIncident(r.Context(), scopeOf(r), id)
}
