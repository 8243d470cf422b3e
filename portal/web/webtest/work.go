package webtest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/ingest"
)

// stopLimit is how long a node may take to stop; generous, since test machines are busy.
const stopLimit = 90 * time.Second

// Work starts a node that schedules and works the site's runs and files, until the test ends. The
// site's clock runs from then on.
func (s *Site) Work(t testing.TB) *jobs.Node {
	t.Helper()
	s.Clock.Run() // files stand still for a time, which has to pass
	log := slog.New(slog.DiscardHandler)
	loader := ingest.Ingester{DB: s.DB, Archive: s.Archive, Log: log}
	node, err := jobs.Start(t.Context(), jobs.Config{
		DB: s.DB, Archive: s.Archive, Keys: s.Ring, Ingest: loader.Load, Schedule: true, Work: true, Tick: 200 * time.Millisecond, Version: "test", Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		defer cancel()
		if err := node.Stop(ctx); err != nil {
			t.Errorf("stopping the node: %v", err)
		}
	})
	return node
}
