// Package metrics shows an installation to Prometheus: what this process counted, and what the
// database says of queues, connections, nodes and schedules. Names are fixed in docs/metrics.md.
//
//	registry := metrics.NewRegistry(db, log, version)
//	node := jobs.Config{Metrics: jobs.NewMetrics(registry)}
//	mux.Handle("GET /metrics", metrics.Handler(registry, token))
package metrics

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ediport/ediport/storage"
)

// NewRegistry returns a registry with everything but what jobs count: process, pools, and the
// figures of the database, which are read when they are asked for.
func NewRegistry(db *storage.DB, log *slog.Logger, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "ediport", Name: "build_info", Help: "1, with the version of this process.",
	}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	r.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build, &pools{db}, &figures{db: db, log: log},
	)
	return r
}

// Handler serves the registry. With a token, only to requests that carry it as a bearer; without one
// the listener must be out of others' reach.
func Handler(r *prometheus.Registry, token string) http.Handler {
	inner := promhttp.HandlerFor(r, promhttp.HandlerOpts{Timeout: 15 * time.Second, MaxRequestsInFlight: 3})
	if token == "" {
		return inner
	}
	return Guard(token, inner)
}

// Guard lets requests through that carry the token as a bearer.
func Guard(token string, inner http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(given)))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="ediport metrics"`)
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// pools are the database pools of this process.
type pools struct{ db *storage.DB }

var (
	poolConnections = desc("db_connections", "Database connections of this process, by pool and state.", "pool", "state")
	poolLimit       = desc("db_connections_limit", "The most database connections of a pool.", "pool")
	poolWaits       = desc("db_waits_total", "How often this process waited for a connection of a pool.", "pool")
	poolWaited      = desc("db_wait_seconds_total", "How long in all.", "pool")
	replicaInUse    = desc("replica_in_use", "1 if this process reads lists from a replica.")
	replicaLag      = desc("replica_lag_seconds", "By how much the replica is behind at most.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("ediport_"+name, help, labels, nil)
}

// Describe names the metrics.
func (p *pools) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolConnections, poolLimit, poolWaits, poolWaited, replicaInUse, replicaLag} {
		out <- d
	}
}

// Collect reads the pools.
func (p *pools) Collect(out chan<- prometheus.Metric) {
	if r := p.db.Replica(); r.Configured {
		inUse := 0.0
		if r.InUse {
			inUse = 1
			out <- gauge(replicaLag, r.Lag.Seconds())
		}
		out <- gauge(replicaInUse, inUse)
	}
	for name, s := range p.db.PoolStats() {
		out <- gauge(poolConnections, float64(s.InUse), name, "in_use")
		out <- gauge(poolConnections, float64(s.Idle), name, "idle")
		out <- gauge(poolLimit, float64(s.MaxOpenConnections), name)
		out <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.WaitCount), name)
		out <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, s.WaitDuration.Seconds(), name)
	}
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
