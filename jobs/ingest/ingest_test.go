package ingest_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"strings"
	"testing"

	_ "github.com/lib/pq"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

// A world is a database with one operator and the fixtures' two accounts, and an archive.
type world struct {
	*ingest.Ingester
	operator       storage.OperatorID
	unrouted, a, b storage.AccountID
	raw            *sql.DB // the owner's: tests look at rows without row-level security
}

func newWorld(t testing.TB) *world {
	t.Helper()
	var owner string
	db := storagetest.Open(t, func(c *storage.Config) { owner = c.OwnerURL })
	store, err := archive.Open(t.TempDir(), keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("postgres", owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	w := &world{Ingester: &ingest.Ingester{DB: db, Archive: store, Log: slog.New(slog.DiscardHandler)}, raw: raw}
	err = db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error {
		var err error
		if w.operator, w.unrouted, err = tx.NewOperator(t.Context(), "Test operator", ""); err != nil {
			return err
		}
		for _, account := range []struct {
			id   *storage.AccountID
			from fixtures.Account
		}{{&w.a, fixtures.AccountA}, {&w.b, fixtures.AccountB}} {
			if *account.id, err = tx.NewAccount(t.Context(), w.operator, "practice", account.from.Name); err != nil {
				return err
			}
			for kind, value := range map[string]string{"npi": account.from.NPI, "tin": account.from.TIN} {
				if err := tx.AddIdentifier(t.Context(), w.operator, storage.Identifier{Account: *account.id, Kind: kind, Value: value}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// receive archives content as a file that came in, ready to be loaded.
func (w *world) receive(t testing.TB, name string, content io.Reader) storage.FileID {
	t.Helper()
	out, err := w.Archive.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, content); err != nil {
		t.Fatal(err)
	}
	blob, err := out.Commit()
	if err != nil {
		t.Fatal(err)
	}
	var id storage.FileID
	err = w.DB.InLoad(t.Context(), w.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
		id, err = tx.InsertFile(t.Context(), storage.File{
			Direction: "in", Source: "upload", Name: name, State: storage.FileDownloaded, Size: blob.Size, SHA256: blob.SHA256[:],
			BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// load receives and loads content and returns the file's state.
func (w *world) load(t testing.TB, name, content string) (storage.FileID, string) {
	t.Helper()
	id := w.receive(t, name, strings.NewReader(content))
	if err := w.Load(t.Context(), w.operator, id); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return id, w.text(t, `SELECT state FROM file WHERE id = $1`, int64(id))
}

func (w *world) fixture(t testing.TB, name string) storage.FileID {
	t.Helper()
	b, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := w.load(t, name, string(b))
	return id
}

// text returns the only value of a query as text, "" for NULL.
func (w *world) text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var s sql.NullString
	if err := w.raw.QueryRowContext(context.Background(), query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

// reader is content as a reader of bytes that tests can build.
func reader(b []byte) io.Reader { return bytes.NewReader(b) }

func newPipe() (*io.PipeReader, *io.PipeWriter) { return io.Pipe() }
