package dropbox

import "github.com/prometheus/client_golang/prometheus"

// The outcomes of a connection.
const (
	outcomeSignedIn = "signed_in"
	outcomeRefused  = "refused" // the sign-in
	outcomeBroken   = "broken"  // it ended before
	outcomeBanned   = "banned"
	outcomeFull     = "full" // too many at once
)

// The outcomes of a file.
const (
	fileAccepted = "accepted"
	fileRepeated = "repeated" // the same bytes under the same name were accepted before
	fileStaged   = "staged"
	fileRefused  = "refused"
	fileBroken   = "broken" // not closed, or not kept by a failure of ours
)

// Metrics count what a node's drop-box server does; nil counts nothing. Names and labels are described in docs/metrics.md.
type Metrics struct {
	connections *prometheus.CounterVec
	files       *prometheus.CounterVec
	sessions    prometheus.Gauge
}

// NewMetrics registers the metrics. It panics if they are registered there already.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		connections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "ediport", Name: "dropbox_connections_total", Help: "Connections to the drop boxes that this process answered, by outcome.",
		}, []string{"outcome"}),
		files: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "ediport", Name: "dropbox_files_total", Help: "Files that partners sent to their drop boxes in this process, by outcome.",
		}, []string{"outcome"}),
		sessions: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "ediport", Name: "dropbox_sessions", Help: "Connections signed in to drop boxes in this process.",
		}),
	}
	r.MustRegister(m.connections, m.files, m.sessions)
	for _, outcome := range []string{outcomeSignedIn, outcomeRefused, outcomeBroken, outcomeBanned, outcomeFull} {
		m.connections.WithLabelValues(outcome) // so that it is served from the beginning, as 0
	}
	for _, outcome := range []string{fileAccepted, fileRepeated, fileStaged, fileRefused, fileBroken} {
		m.files.WithLabelValues(outcome)
	}
	return m
}

func (m *Metrics) connection(outcome string) {
	if m != nil {
		m.connections.WithLabelValues(outcome).Inc()
	}
}

func (m *Metrics) file(outcome string) {
	if m != nil {
		m.files.WithLabelValues(outcome).Inc()
	}
}

func (m *Metrics) session(change float64) {
	if m != nil {
		m.sessions.Add(change)
	}
}
