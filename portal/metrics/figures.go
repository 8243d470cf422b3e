package metrics

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ediport/ediport/storage"
)

// keepFigures is how long what was read is shown again: many who ask don't burden the database more
// than one. readLimit bounds one reading.
const (
	keepFigures = 3 * time.Second
	readLimit   = 10 * time.Second
)

// figures are what the database says of the whole installation: the same from each process.
type figures struct {
	db  *storage.DB
	log *slog.Logger

	mu   sync.Mutex
	last *storage.Figures
	read time.Time
}

var (
	databaseUp      = desc("database_up", "1 if the database answered this reading, else 0 and the installation's figures are missing.")
	queueJobs       = desc("queue_jobs", "Jobs by queue and state, without those that are done.", "queue", "state")
	queueWait       = desc("queue_oldest_wait_seconds", "How long the job waits whose turn came first, by queue.", "queue")
	deadJobs        = desc("dead_jobs", "Jobs that were given up and want a person.")
	streak          = desc("connection_error_streak", "Failures since the last success, by connection.", "connection", "name")
	contactAge      = desc("connection_last_contact_seconds", "Seconds since the partner's server last answered, by connection.", "connection", "name")
	fileAge         = desc("connection_last_file_seconds", "Seconds since a file last came over the connection.", "connection", "name")
	connectionPause = desc("connection_paused", "1 if the connection is paused.", "connection", "name")
	nodes           = desc("nodes", "Processes that work or schedule, by state: live, late (no heartbeat for 15 s), stopping.", "state")
	heartbeatAge    = desc("node_heartbeat_age_seconds", "Seconds since the sign of life of the node that is silent longest.")
	clockSkew       = desc("node_clock_skew_seconds", "The clock that is farthest off the database's, without sign.")
	scheduleLag     = desc("schedule_lag_seconds", "By how much the latest due schedule is late.")
	incidentsOpen   = desc("incidents_open", "Incidents that go on.")
	outboxWaiting   = desc("outbox_waiting", "Mails and webhooks that could not be sent so far and are tried again, by kind.", "kind")
	outboundFiles   = desc("outbound_files", "Files on their way out that have not arrived, by state.", "state")
)

var figureDescs = []*prometheus.Desc{
	databaseUp, queueJobs, queueWait, deadJobs, streak, contactAge, fileAge, connectionPause, nodes, heartbeatAge, clockSkew,
	scheduleLag, incidentsOpen, outboxWaiting, outboundFiles,
}

// Describe names the metrics.
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range figureDescs {
		out <- d
	}
}

// Collect reads the database, unless it was read just now.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	now, err := f.figures()
	if err != nil {
		f.log.Warn("reading metrics from the database failed", "error", err)
		out <- gauge(databaseUp, 0)
		return
	}
	out <- gauge(databaseUp, 1)
	queues(now, out)
	connections(now, out)
	processes(now, out)
	out <- gauge(scheduleLag, now.Lag)
	out <- gauge(incidentsOpen, float64(now.Incidents))
	counted(outboxWaiting, now.Outbox, []string{storage.MessageMail, storage.MessageWebhook}, out)
	counted(outboundFiles, now.Outbound, []string{"generated", "sending", "uncertain", "failed"}, out)
}

func (f *figures) figures() (*storage.Figures, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil && time.Since(f.read) < keepFigures {
		return f.last, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	var fresh *storage.Figures
	err := f.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		fresh, err = tx.Figures(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range fresh.Connections { // numbers never leave the house, nor names of any length
		c := &fresh.Connections[i]
		c.Public = f.db.PublicIDs().Format(storage.PublicConnection, int64(c.ID))
	}
	f.last, f.read = fresh, time.Now()
	return fresh, nil
}

// waitingStates are those of jobs whose turn has come or will come.
var waitingStates = []string{"available", "retryable", "scheduled"}

func queues(f *storage.Figures, out chan<- prometheus.Metric) {
	waits := map[string]float64{}
	for _, q := range f.Queues {
		out <- gauge(queueJobs, float64(q.Jobs), q.Queue, q.State)
		if _, ok := waits[q.Queue]; !ok {
			waits[q.Queue] = 0
		}
		if slices.Contains(waitingStates, q.State) {
			waits[q.Queue] = max(waits[q.Queue], f.Now.Sub(q.Oldest).Seconds())
		}
	}
	for queue, seconds := range waits {
		out <- gauge(queueWait, seconds, queue)
	}
	out <- gauge(deadJobs, float64(f.Dead))
}

func connections(f *storage.Figures, out chan<- prometheus.Metric) {
	for _, c := range f.Connections {
		out <- gauge(streak, float64(c.ErrorStreak), c.Public, c.Name)
		paused := 0.0
		if c.Paused {
			paused = 1
		}
		out <- gauge(connectionPause, paused, c.Public, c.Name)
		if c.LastContactAt != nil {
			out <- gauge(contactAge, f.Now.Sub(*c.LastContactAt).Seconds(), c.Public, c.Name)
		}
		if c.LastFileAt != nil {
			out <- gauge(fileAge, f.Now.Sub(*c.LastFileAt).Seconds(), c.Public, c.Name)
		}
	}
}

func processes(f *storage.Figures, out chan<- prometheus.Metric) {
	states := map[string]int{"live": 0, "late": 0, "stopping": 0}
	var age, skew float64
	for _, n := range f.Nodes {
		switch {
		case n.Late:
			states["late"]++
		case n.Stopping:
			states["stopping"]++
		default:
			states["live"]++
		}
		age = max(age, f.Now.Sub(n.HeartbeatAt).Seconds())
		skew = max(skew, float64(max(n.ClockSkewMS, -n.ClockSkewMS))/1000)
	}
	for state, n := range states {
		out <- gauge(nodes, float64(n), state)
	}
	out <- gauge(heartbeatAge, age)
	out <- gauge(clockSkew, skew)
}

// counted shows the numbers by name; what was not counted is 0, so that a rule on it works from the beginning.
func counted(d *prometheus.Desc, rows []storage.Counted, names []string, out chan<- prometheus.Metric) {
	for _, name := range names {
		n := int64(0)
		for _, r := range rows {
			if r.Name == name {
				n = r.Rows
			}
		}
		out <- gauge(d, float64(n), name)
	}
}
