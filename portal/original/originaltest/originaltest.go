// Package originaltest gives tests the fixtures' files as the real loader loads them: archived, routed
// to two accounts, in a database of the test's own.
package originaltest

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

// Actor is who the tests act as.
var Actor = storage.Actor{Kind: storage.ActorSystem}

// A World is a database with one operator and the fixtures' two accounts, and an archive.
type World struct {
	DB       *storage.DB
	Archive  *archive.Archive
	Operator storage.OperatorID
	Unrouted storage.AccountID
	A, B     storage.AccountID // fixtures.AccountA, fixtures.AccountB
}

// New returns a world without files. options change the store's configuration.
func New(t testing.TB, options ...func(*storage.Config)) *World {
	t.Helper()
	w := &World{DB: storagetest.Open(t, options...), Archive: NewArchive(t)}
	ctx := t.Context()
	err := w.DB.InSystem(ctx, Actor, func(tx *storage.Tx) (err error) {
		if w.Operator, w.Unrouted, err = tx.NewOperator(ctx, "Test operator", ""); err != nil {
			return err
		}
		if w.A, err = tx.NewAccount(ctx, w.Operator, "practice", fixtures.AccountA.Name); err != nil {
			return err
		}
		w.B, err = tx.NewAccount(ctx, w.Operator, "practice", fixtures.AccountB.Name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	Identify(t, w.DB, w.Operator, w.A, fixtures.AccountA)
	Identify(t, w.DB, w.Operator, w.B, fixtures.AccountB)
	return w
}

// NewArchive returns an archive of the test's own.
func NewArchive(t testing.TB) *archive.Archive {
	t.Helper()
	a, err := archive.Open(t.TempDir(), keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Identify gives an account the identifiers by which the fixtures' files are routed to it.
func Identify(t testing.TB, db *storage.DB, operator storage.OperatorID, account storage.AccountID, as fixtures.Account) {
	t.Helper()
	ctx := t.Context()
	err := db.InSystem(ctx, Actor, func(tx *storage.Tx) error {
		for _, i := range []storage.Identifier{{Account: account, Kind: "npi", Value: as.NPI}, {Account: account, Kind: "tin", Value: as.TIN}} {
			if err := tx.AddIdentifier(ctx, operator, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Load archives and loads a file of the fixtures.
func (w *World) Load(t testing.TB, name string) storage.FileID {
	t.Helper()
	return Load(t, w.DB, w.Archive, w.Operator, name)
}

// LoadAll loads every file of the fixtures, in their order, and returns the files by name.
func (w *World) LoadAll(t testing.TB) map[string]storage.FileID {
	t.Helper()
	return LoadAll(t, w.DB, w.Archive, w.Operator)
}

// LoadAll loads every file of the fixtures, in their order, and returns the files by name.
func LoadAll(t testing.TB, db *storage.DB, arch *archive.Archive, operator storage.OperatorID) map[string]storage.FileID {
	t.Helper()
	files := map[string]storage.FileID{}
	for _, e := range fixtures.Catalog() {
		files[e.Name] = Load(t, db, arch, operator, e.Name)
	}
	return files
}

// Load archives and loads a file of the fixtures.
func Load(t testing.TB, db *storage.DB, arch *archive.Archive, operator storage.OperatorID, name string) storage.FileID {
	t.Helper()
	content, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return LoadBytes(t, db, arch, operator, name, content)
}

// LoadBytes archives and loads content as a file of that name.
func LoadBytes(t testing.TB, db *storage.DB, arch *archive.Archive, operator storage.OperatorID, name string, content []byte) storage.FileID {
	t.Helper()
	ctx := t.Context()
	out, err := arch.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bytes.NewReader(content).WriteTo(out); err != nil {
		t.Fatal(err)
	}
	blob, err := out.Commit()
	if err != nil {
		t.Fatal(err)
	}
	var id storage.FileID
	err = db.InLoad(ctx, operator, Actor, func(tx *storage.LoadTx) (err error) {
		id, err = tx.InsertFile(ctx, storage.File{
			Direction: "in", Source: "upload", Name: name, State: storage.FileDownloaded, Size: blob.Size, SHA256: blob.SHA256[:],
			BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &ingest.Ingester{DB: db, Archive: arch, Log: slog.New(slog.DiscardHandler)}
	if err := in.Load(ctx, operator, id); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return id
}
