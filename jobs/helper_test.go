package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(childMain())
	}
	clustertest.Main(m)
}

// limit is how long a test waits for an event; generous, since test machines are busy.
const limit = 90 * time.Second

// A house is an installation with one operator, its archive and its keys.
type house struct {
	t        testing.TB
	cfg      storage.Config
	db       *storage.DB
	owner    *sql.DB // sees everything
	dir      string
	keyFile  string
	ring     *keys.Ring
	archive  *archive.Archive
	operator storage.OperatorID
	scope    storage.Scope
	desk     *Desk
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	h.db = storagetest.Open(t, func(c *storage.Config) { h.cfg = *c })
	h.operator = storagetest.World(t, h.db).Operator
	h.scope = storage.Scope{Operator: h.operator, Actor: storage.Actor{Kind: storage.ActorCLI}}
	h.keyFile = filepath.Join(h.dir, "keys", "master.key")
	var err error
	if h.ring, _, err = keys.LoadOrCreate(h.keyFile, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if h.archive, err = archive.Open(filepath.Join(h.dir, "archive"), h.ring); err != nil {
		t.Fatal(err)
	}
	if h.owner, err = sql.Open("postgres", h.cfg.OwnerURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.owner.Close() })
	h.desk = &Desk{DB: h.db, Keys: h.ring, Archive: h.archive}
	return h
}

// config is that of a node that schedules and works, at a pace for tests.
func (h *house) config() Config { return h.configOf(testLog(h.t)) }

func (h *house) configOf(log *slog.Logger) Config {
	return Config{
		DB: h.db, Archive: h.archive, Keys: h.ring, Ingest: ingestInto(h.db, h.archive),
		Schedule: true, Work: true, Tick: 100 * time.Millisecond,
		Heartbeat: time.Second, FenceSelf: 4 * time.Second, GiveUp: 6 * time.Second,
		Log: log,
	}
}

// start starts a node that stops with the test.
func (h *house) start(change ...func(*Config)) *Node {
	h.t.Helper()
	cfg := h.config()
	for _, c := range change {
		c(&cfg)
	}
	n, err := Start(h.t.Context(), cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			h.t.Errorf("stopping the node: %v", err)
		}
	})
	return n
}

func testLog(t testing.TB) *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	return slog.New(slog.DiscardHandler)
}

// ingestInto loads a file in the smallest way that is real: it reads the original back from the
// archive and records that it was loaded, once.
func ingestInto(db *storage.DB, a *archive.Archive) func(context.Context, storage.OperatorID, storage.FileID) error {
	return func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
		return db.InLoad(ctx, operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
			f, err := tx.LockFile(ctx, id)
			if err != nil || f.State != storage.FileDownloaded {
				return err
			}
			if _, err := original(a, f); err != nil {
				return err
			}
			return tx.SetFileState(ctx, id, storage.FileChange{State: storage.FileLoaded, Attempt: true})
		})
	}
}

func original(a *archive.Archive, f storage.File) ([]byte, error) {
	r, err := a.Open(archive.Blob{
		Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
	})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// connect adds a connection to a real server's folder outbound.
func (h *house) connect(server *sshdtest.Server, change ...func(*storage.Connection)) *storage.Connection {
	h.t.Helper()
	c := &storage.Connection{
		Name: "partner", Host: server.Host, Port: server.Port, Username: server.User, Auth: AuthKey,
		HostKeys: []string{server.Fingerprint()},
	}
	SetFolders(c, PullFolder{Path: server.Path("outbound"), Globs: []string{"*.835", "*.txt"}, StableSeconds: AtOnce})
	for _, fn := range change {
		fn(c)
	}
	err := h.desk.AddConnection(h.t.Context(), h.scope, c, Secrets{PrivateKey: transfer.Secret(server.ClientKey)})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// archiving is the change of a connection that moves what was taken.
func archiving(server *sshdtest.Server) func(*storage.Connection) {
	return with(func(f *PullFolder) {
		f.After, f.ArchiveFolder = storage.AfterArchive, server.Path("outbound", "archive")
	})
}

// with is a change of the first folder of a connection.
func with(change func(*PullFolder)) func(*storage.Connection) {
	return func(c *storage.Connection) {
		var folders []PullFolder
		if err := decodeSettings("folders", c.Folders, &folders); err != nil {
			panic(err)
		}
		change(&folders[0])
		SetFolders(c, folders...)
	}
}

// pull requests a run and returns it when it is over.
func (h *house) pull(c *storage.Connection) *storage.Run {
	h.t.Helper()
	id := h.request(c)
	return h.ended(id)
}

func (h *house) request(c *storage.Connection) storage.RunID {
	h.t.Helper()
	id, err := h.desk.RunNow(h.t.Context(), h.scope, c.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) run(id storage.RunID) (run *storage.Run) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		run, err = tx.Run(h.t.Context(), h.operator, id)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

// ended waits until a run is over.
func (h *house) ended(id storage.RunID) *storage.Run {
	h.t.Helper()
	ctx, cancel := contextWithin(h.t, limit)
	defer cancel()
	run, err := h.desk.Wait(ctx, h.scope, id)
	if err != nil {
		h.t.Fatalf("waiting for the run: %v", err)
	}
	return run
}

// codes are the codes of a run's log, in order.
func (h *house) codes(id storage.RunID) (codes []string) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) error {
		lines, err := tx.RunLog(h.t.Context(), id, 0, 1000)
		for _, l := range lines {
			codes = append(codes, l.Code)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return codes
}

// number is the single number a query returns, past row-level security.
func (h *house) number(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.owner.QueryRowContext(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.owner.ExecContext(h.t.Context(), statement, args...); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}

// eventually waits until something is so.
func (h *house) eventually(what string, so func() bool) {
	h.t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer end.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end.C:
			h.t.Fatalf("waited %v in vain: %s", limit, what)
		}
	}
}

// allLoaded waits until every file that has bytes is loaded.
func (h *house) allLoaded(files int) {
	h.t.Helper()
	h.eventually("all files are loaded", func() bool {
		return h.number(`SELECT count(*) FROM file WHERE state = 'loaded'`) == files
	})
}

// consistent checks that each file row's original is in the archive, loaded once, and nothing else is there.
func (h *house) consistent(want map[string][]byte) {
	h.t.Helper()
	ctx := h.t.Context()
	got := map[string]int{}
	err := h.db.InLoad(ctx, h.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) error {
		for _, id := range h.fileIDs() {
			f, err := tx.FileForLoad(ctx, id)
			if err != nil {
				return err
			}
			got[f.Name]++
			content, err := original(h.archive, f)
			if err != nil {
				return err
			}
			if !bytes.Equal(content, want[f.Name]) {
				return errors.New("a file's original is not what the partner sent")
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for name := range want {
		if got[name] != 1 {
			h.t.Errorf("%d file rows of one remote file, want 1", got[name])
		}
	}
	if n := h.number(`SELECT count(*) FROM file_event WHERE state = 'loaded'`); n != len(want) {
		h.t.Errorf("%d loads, want %d", n, len(want))
	}
}

func (h *house) fileIDs() (ids []storage.FileID) {
	h.t.Helper()
	rows, err := h.owner.QueryContext(h.t.Context(), `SELECT id FROM file ORDER BY id`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id storage.FileID
		if err := rows.Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return ids
}

// randomBytes returns n bytes that repeat nowhere.
func randomBytes(n int) []byte {
	content := make([]byte, n)
	_, _ = rand.Read(content) // never fails
	return content
}
