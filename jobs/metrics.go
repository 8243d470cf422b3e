package jobs

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what this process works; nil counts nothing. Names and labels are described in
// docs/metrics.md. Labels are kinds, outcomes and directions: few, and never a name.
type Metrics struct {
	runs        *prometheus.CounterVec
	runTime     *prometheus.HistogramVec
	attempts    *prometheus.CounterVec
	attemptTime *prometheus.HistogramVec
	files       *prometheus.CounterVec
	bytes       *prometheus.CounterVec
}

// durations are the upper borders of the buckets of what takes from milliseconds to hours.
var durations = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600}

// NewMetrics registers the metrics. It panics if they are registered there already.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ediport", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "ediport", Name: name, Help: help, Buckets: durations}, labels)
	}
	m := &Metrics{
		runs:        counter("runs_total", "Runs that ended in this process, by kind and outcome.", "kind", "outcome"),
		runTime:     histogram("run_duration_seconds", "Time from a run's first start to its end.", "kind"),
		attempts:    counter("job_attempts_total", "Attempts at jobs in this process, by kind and outcome.", "kind", "outcome"),
		attemptTime: histogram("job_attempt_duration_seconds", "Time an attempt at a job took.", "kind"),
		files:       counter("files_total", "Files moved by this process: in, taken and committed; out, sent and confirmed.", "direction"),
		bytes:       counter("file_bytes_total", "Bytes of these files.", "direction"),
	}
	r.MustRegister(m.runs, m.runTime, m.attempts, m.attemptTime, m.files, m.bytes)
	return m
}

// RunEnded counts a run that has ended.
func (m *Metrics) RunEnded(kind, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.runs.WithLabelValues(kind, outcome).Inc()
	m.runTime.WithLabelValues(kind).Observe(took.Seconds())
}

// The outcomes of an attempt at a job.
const (
	outcomeDone       = "done"
	outcomeRetry      = "retry"       // failed, tried again
	outcomeFailed     = "failed"      // failed for good
	outcomeHandedBack = "handed_back" // the process stops, or lost touch with the database
)

func outcomeOf(last bool, err error) string {
	switch {
	case err == nil:
		return outcomeDone
	case errors.Is(err, ErrStopping), errors.Is(err, ErrNodeLost):
		return outcomeHandedBack
	case Permanent(err), last:
		return outcomeFailed
	default:
		return outcomeRetry
	}
}

// JobTried counts an attempt at a job: done, retry, failed, handed_back.
func (m *Metrics) JobTried(kind, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.attempts.WithLabelValues(kind, outcome).Inc()
	m.attemptTime.WithLabelValues(kind).Observe(took.Seconds())
}

// directionIn is the direction of files that are pulled.
const directionIn = "in"

// FileMoved counts a file that was taken ("in") or sent ("out").
func (m *Metrics) FileMoved(direction string, bytes int64) {
	if m == nil {
		return
	}
	m.files.WithLabelValues(direction).Inc()
	m.bytes.WithLabelValues(direction).Add(float64(bytes))
}
