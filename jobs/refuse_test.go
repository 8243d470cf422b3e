package jobs

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

func contextWithin(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func (h *house) connection(id storage.ConnectionID) (c *storage.Connection) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		c, err = tx.Connection(h.t.Context(), id)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestChangedHostKeyStopsTheConnection(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("not for anybody in between"))
	other := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, func(c *storage.Connection) { c.HostKeys = []string{other.Fingerprint()} })
	h.start()

	run := h.pull(c)
	if run.State != storage.RunFailed || run.ErrorCode != "transfer.host_key_changed" || run.Epoch != 1 {
		t.Fatalf("run: %s %s, epoch %d, want failed at the first attempt", run.State, run.ErrorCode, run.Epoch)
	}
	paused := h.connection(c.ID)
	if !paused.Paused || paused.PausedReason != "transfer.host_key_changed" || !strings.Contains(paused.OfferedHostKey, server.Fingerprint()) {
		t.Fatalf("connection: paused %v, %q, offered %q", paused.Paused, paused.PausedReason, paused.OfferedHostKey)
	}
	if _, err := h.desk.RunNow(t.Context(), h.scope, c.ID); !errors.Is(err, ErrConnectionPaused) {
		t.Errorf("RunNow on a paused connection: %v, want ErrConnectionPaused", err)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.paused' AND actor_kind = 'job'`); n != 1 {
		t.Errorf("%d events in the audit, want 1", n)
	}
	// A person approves it.
	if err := h.desk.ApproveHostKey(t.Context(), h.scope, c.ID, paused.OfferedHostKey); err != nil {
		t.Fatal(err)
	}
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Errorf("after the approval: %s %s", run.State, run.ErrorCode)
	}
}

func TestRefusedSignInStopsTheConnection(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	partner, err := simulator.Serve(t.Context(), simulator.Options{User: "demo", Password: "the right one", Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { partner.Close() })
	c := &storage.Connection{
		Name: "partner", Host: partner.Host, Port: partner.Port, Username: partner.User, Auth: AuthPassword,
		HostKeys: []string{partner.Fingerprint()}, Folders: encodeSettings([]PullFolder{{Path: ".", StableSeconds: AtOnce}}),
	}
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "the wrong one"}); err != nil {
		t.Fatal(err)
	}
	h.start()
	run := h.pull(c)
	if run.State != storage.RunFailed || run.ErrorCode != "transfer.auth_failed" || run.Epoch != 1 {
		t.Fatalf("run: %s %s, epoch %d, want failed at the first attempt", run.State, run.ErrorCode, run.Epoch)
	}
	if got := h.connection(c.ID); !got.Paused {
		t.Error("the connection is not paused: the next runs would lock the account")
	}
	steps, err := h.desk.TestConnection(t.Context(), h.scope, c.ID)
	if err != nil || len(steps) == 0 {
		t.Fatalf("TestConnection: %v", err)
	}
	failed := ""
	for _, s := range steps {
		if s.State == transfer.StateFailed {
			failed = s.Name
		}
	}
	if failed != transfer.StepSignIn {
		t.Errorf("the test fails at %q, want sign_in", failed)
	}
	changed := h.connection(c.ID)
	changed.Paused, changed.PausedReason = false, ""
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{Password: "the right one"}); err != nil {
		t.Fatal(err)
	}
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Errorf("with the right password: %s %s", run.State, run.ErrorCode)
	}
}

func TestMissingFolderFailsTheRunOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, with(func(f *PullFolder) { f.Path = server.Path("nowhere") }))
	h.start()
	if run := h.pull(c); run.State != storage.RunFailed || run.ErrorCode != "transfer.folder_missing" {
		t.Errorf("run: %s %s", run.State, run.ErrorCode)
	}
	if h.connection(c.ID).Paused {
		t.Error("the connection is paused although trying again does no harm")
	}
}

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }
func (permanentError) Code() string    { return "file.unreadable" }

func TestIngestThatFailsForGoodMarksTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("no use"))
	server.WriteFile("outbound/b.835", []byte("panics"))
	c := h.connect(server)
	tried := make(chan storage.FileID, 100)
	h.start(func(cfg *Config) {
		cfg.Ingest = func(_ context.Context, _ storage.OperatorID, id storage.FileID) error {
			tried <- id
			return permanentError{errors.New("never")}
		}
	})
	h.pull(c)
	h.eventually("both files are marked as failed", func() bool {
		return h.number(`SELECT count(*) FROM file WHERE state = 'failed' AND state_reason = 'file.unreadable'`) == 2
	})
	if len(tried) != 2 {
		t.Errorf("%d attempts at 2 files, want 2: the failure is permanent", len(tried))
	}
}

func TestIngestIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("second time lucky"))
	c := h.connect(server)
	good := ingestInto(h.db, h.archive)
	var attempts atomic.Int32
	h.start(func(cfg *Config) {
		cfg.Ingest = func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
			if attempts.Add(1) == 1 {
				panic("SECRET VALUE")
			}
			return good(ctx, operator, id)
		}
	})
	h.pull(c)
	h.allLoaded(1)
	if n := h.number(`SELECT count(*) FROM river_job WHERE array_to_string(errors, ' ') LIKE '%SECRET%'`); n != 0 {
		t.Error("the value of a panic is kept in the queue")
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE array_length(errors, 1) = 1`); n != 1 {
		t.Errorf("%d jobs with one failed attempt, want 1", n)
	}
}
