package web

import (
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// A jobRow is a job of the queue with the words of its last failure.
type jobRow struct {
	storage.QueuedJob
	Why *reason // of its last failure; nil: none failed
}

// Shown returns the job's state in words.
func (j *jobRow) Shown() string {
	switch {
	case j.Dead():
		return "dead"
	case j.State == storage.JobRetryable:
		return "retrying"
	case j.State == storage.JobAvailable || j.State == storage.JobScheduled:
		return "waiting"
	case j.State == storage.JobCompleted:
		return "done"
	}
	return j.State
}

// Waits tells whether the job waits for its turn or its next try.
func (j *jobRow) Waits() bool {
	return j.State == storage.JobRetryable || j.State == storage.JobAvailable || j.State == storage.JobScheduled
}

// jobStates are the choices of the list of jobs, with the queue's states that they stand for.
var jobStates = []struct {
	option
	states []string
}{
	{option{"", "Waiting, running and dead"}, []string{storage.JobAvailable, storage.JobScheduled, storage.JobRetryable, storage.JobRunning, storage.JobDiscarded}},
	{option{"waiting", "Waiting"}, []string{storage.JobAvailable, storage.JobScheduled}},
	{option{"running", "Running"}, []string{storage.JobRunning}},
	{option{"retrying", "Waiting for their next try"}, []string{storage.JobRetryable}},
	{option{"dead", "Dead: given up"}, nil},
	{option{"done", "Done"}, []string{storage.JobCompleted}},
	{option{"*", "All"}, nil},
}

// listJobs shows what waits, runs and was given up.
func (p *Portal) listJobs(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.JobFilter{Kind: q.choice("kind", jobs.KindPull, jobs.KindPush, jobs.KindIngest, jobs.KindPurge), Dead: q.text("state") == "dead"}
	var states []option
	for _, s := range jobStates {
		states = append(states, s.option)
		if s.Value == q.text("state") {
			f.States = s.states
		}
	}
	data := listData{Filtered: q.given("state", "kind"), Filter: []filterField{
		q.choices("state", "State", states...),
		q.choices("kind", "Work", option{"", "All"}, option{jobs.KindPull, "Pull"}, option{jobs.KindPush, "Send"}, option{jobs.KindIngest, "Load"}, option{jobs.KindPurge, "Purge"}),
	}}
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		if len(q.errors) > 0 {
			return nil
		}
		all, next, err := tx.Jobs(r.Context(), f, cursorOf(r))
		data.Rows, data.Pager = jobRows(all), pager(r, next)
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "jobs/list", Page{Title: "Jobs", Data: data, Errors: q.errors, Status: q.status()})
}

func jobRows(all []storage.QueuedJob) []*jobRow {
	rows := make([]*jobRow, len(all))
	for i, j := range all {
		rows[i] = &jobRow{QueuedJob: j}
		if len(j.Codes) > 0 {
			rows[i].Why = reasonOf(j.Codes[len(j.Codes)-1])
		}
	}
	return rows
}

// jobAct returns the handler of a change of a job.
func (p *Portal) jobAct(code string, act func(r *http.Request, id int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicJob)
		if err != nil {
			return err
		}
		if err := act(r, id); err != nil {
			return jobProblem(err)
		}
		return p.done(w, r, "/jobs", code)
	}
}

func (p *Portal) retryJob(r *http.Request, id int64) error {
	return p.Desk.RetryJob(r.Context(), scopeOf(r), id)
}

func (p *Portal) discardJob(r *http.Request, id int64) error {
	return p.Desk.DiscardJob(r.Context(), scopeOf(r), id)
}

func (p *Portal) cancelJob(r *http.Request, id int64) error {
	return p.Desk.CancelJob(r.Context(), scopeOf(r), id)
}

// A nodeRow is a process that works or schedules.
type nodeRow struct {
	storage.NodeState
}

// Shown returns how the node does, in a word.
func (n nodeRow) Shown() string {
	switch {
	case n.Late:
		return "lost"
	case n.Stopping:
		return "stopping"
	}
	return "ok"
}

// skewShown is the difference of clocks from which a node is marked: due times and leases go by the
// database's clock, but logs don't.
const skewShown = 2 * time.Second

// Skewed tells whether the node's clock is off.
func (n nodeRow) Skewed() bool {
	return time.Duration(max(n.ClockSkewMS, -n.ClockSkewMS))*time.Millisecond >= skewShown
}

// listNodes shows the processes that work and schedule.
func (p *Portal) listNodes(w http.ResponseWriter, r *http.Request) error {
	var rows []nodeRow
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		nodes, err := tx.NodeStates(r.Context())
		rows = make([]nodeRow, len(nodes))
		for i, n := range nodes {
			rows[i] = nodeRow{n}
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "jobs/nodes", Page{Title: "Nodes", Crumbs: []Crumb{{"Jobs", "/jobs"}}, Data: rows})
}
