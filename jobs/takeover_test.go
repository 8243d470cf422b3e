package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
)

// TestNodeLosesTouch: a node that the database does not answer stops its own work, and goes on when
// the database answers again.
func TestNodeLosesTouch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	started, ended := make(chan struct{}, 10), make(chan error, 10)
	good := func() bool { return h.number(`SELECT count(*) FROM file WHERE state = 'loaded'`) == 1 }
	load := ingestInto(h.db, h.archive)
	var attempts atomic.Int32
	h.start(func(c *Config) {
		c.Heartbeat, c.FenceSelf, c.GiveUp = 100*time.Millisecond, time.Second, 2*time.Second
		c.Ingest = func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
			if attempts.Add(1) > 1 {
				return load(ctx, operator, id)
			}
			close(started)
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		}
	})
	h.addFile([]byte("loaded in the end"))
	waitFor(t, "the load begins", started)
	// The table of nodes is locked: heartbeats hang.
	lock, err := h.owner.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), `LOCK TABLE node IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	select {
	case cause := <-ended:
		if !errors.Is(cause, ErrNodeLost) {
			t.Errorf("the work was stopped by %v, want ErrNodeLost", cause)
		}
	case <-time.After(limit):
		t.Error("the node goes on working without an answer")
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	h.eventually("the file is loaded", good)
}

// TestSilentNodeIsGivenUp: a node that the others gave up notices, and starts over.
func TestSilentNodeIsGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := h.start(func(c *Config) { c.Heartbeat = 200 * time.Millisecond })
	nodes, err := h.db.Nodes()
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	h.eventually("the others give the node up", func() bool { // not while its own heartbeat holds the row
		lost, err := nodes.TakeOver(t.Context(), 0)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			t.Fatal(err)
		}
		return lost.ID == n.ID()
	})
	h.eventually("the node is known again", func() bool { return h.number(`SELECT count(*) FROM node WHERE id = $1`, n.ID()) == 1 })
	h.addFile([]byte("it works again"))
	h.allLoaded(1)
}

func TestNodesAreListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := h.start(func(c *Config) { c.Version = "test" })
	var states []storage.NodeState
	err := h.db.InScopeRead(t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		states, err = tx.NodeStates(t.Context())
		return err
	})
	if err != nil || len(states) != 1 {
		t.Fatalf("%d nodes, want 1 (%v)", len(states), err)
	}
	if s := states[0]; s.ID != n.ID() || s.Version != "test" || len(s.Kinds) != 4 || s.Late || s.QueueClient != n.ID() {
		t.Errorf("node = %+v", s)
	}
}

// TestNodeKilledWhileLoading: the load of a killed node goes on elsewhere.
func TestNodeKilledWhileLoading(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dying := h.startChild(func(c *childConfig) { c.DieAt = "ingest" })
	h.addFile([]byte("loaded by the other"))
	waitFor(t, "the node dies", dying.exited)
	h.start()
	h.allLoaded(1)
	h.consistent(map[string][]byte{"upload.835": []byte("loaded by the other")})
}

// addFile hands a file in, as an upload does.
func (h *house) addFile(content []byte) {
	h.t.Helper()
	ctx := h.t.Context()
	w, err := h.archive.Create(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(content); err != nil {
		h.t.Fatal(err)
	}
	blob, err := w.Commit()
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.db.InLoad(ctx, h.operator, h.scope.Actor, func(tx *storage.LoadTx) error {
		id, err := tx.InsertFile(ctx, storage.File{
			Direction: "in", Source: "upload", Name: "upload.835", State: storage.FileDownloaded, Size: blob.Size, SHA256: blob.SHA256[:],
			BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		})
		if err != nil {
			return err
		}
		return EnqueueIngest(ctx, &tx.Tx, h.operator, id)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}
