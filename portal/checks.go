package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/ediport/ediport/storage"
)

// A Check is a part that must work, or should.
type Check struct {
	Name     string
	Optional bool // it may fail and requests are served all the same
	Run      func(context.Context) (detail string, err error)
}

// Checks are all parts; their order is that of the report.
type Checks []Check

// Ready returns why requests can't be served now, or nil.
func (c Checks) Ready(ctx context.Context) error {
	for _, check := range c {
		if _, err := check.Run(ctx); err != nil && !check.Optional {
			return fmt.Errorf("portal: %s: %w", check.Name, err)
		}
	}
	return nil
}

// A checkReport is what /readyz says on the monitoring listener.
type checkReport struct {
	Ready  bool          `json:"ready"`
	Checks []checkResult `json:"checks"`
}

type checkResult struct {
	Name     string `json:"name"`
	OK       bool   `json:"ok"`
	Optional bool   `json:"optional"`
	Detail   string `json:"detail"`
}

// Monitoring serves /healthz, and /readyz with details: only for a listener that is out of others' reach.
func (c Checks) Monitoring(log *slog.Logger) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
		defer cancel()
		report := c.report(ctx)
		status := http.StatusOK
		if !report.Ready {
			status = http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(report); err != nil {
			log.Debug("readiness report not received", "error", err)
		}
	})
	return mux
}

func (c Checks) report(ctx context.Context) checkReport {
	report := checkReport{Ready: true, Checks: []checkResult{}}
	for _, check := range c {
		detail, err := check.Run(ctx)
		if err != nil {
			detail = err.Error()
			report.Ready = report.Ready && check.Optional
		}
		report.Checks = append(report.Checks, checkResult{check.Name, err == nil, check.Optional, detail})
	}
	return report
}

// DatabaseChecks say that the database answers the application's role, and that its schema is this
// program's.
func DatabaseChecks(db *storage.DB) Checks {
	return Checks{
		{Name: "database", Run: func(ctx context.Context) (string, error) {
			return "answers", db.InSignIn(ctx, storage.Actor{Kind: storage.ActorSystem}, func(*storage.Tx) error { return nil })
		}},
		{Name: "schema", Run: func(ctx context.Context) (string, error) {
			status, err := db.Status(ctx)
			switch {
			case err != nil:
				return "", err
			case !status.Current():
				return "", fmt.Errorf("version %d, this program wants %d: run `ediport db migrate`", status.Version, status.Latest)
			}
			return fmt.Sprintf("version %d", status.Version), nil
		}},
	}
}
