package webtest

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
)

// Loaded returns a site into which all fixtures came by the way that files take in earnest: archived,
// read, routed and loaded. The world's Account is the fixtures' account A, its Other is account B.
func Loaded(t testing.TB) *Site {
	t.Helper()
	return Copied(t, "loaded", func(t testing.TB, s *Site) { t.Helper(); s.Load(t) })
}

// Load has all fixtures come into the site.
func (s *Site) Load(t testing.TB) {
	t.Helper()
	s.Files = map[string]storage.FileID{}
	ctx := t.Context()
	err := s.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) error {
		for id, from := range map[storage.AccountID]fixtures.Account{s.Account: fixtures.AccountA, s.Other: fixtures.AccountB} {
			for kind, value := range map[string]string{"npi": from.NPI, "tin": from.TIN} {
				if err := tx.AddIdentifier(ctx, s.Operator, storage.Identifier{Account: id, Kind: kind, Value: value}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range fixtures.Catalog() {
		content, err := fixtures.Open(entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		s.Files[entry.Name] = s.Receive(t, entry.Name, content)
	}
}

// Receive archives a file that came in, and loads it.
func (s *Site) Receive(t testing.TB, name string, content []byte) storage.FileID {
	t.Helper()
	ctx := t.Context()
	out, err := s.Archive.Create(ctx)
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
	err = s.DB.InLoad(ctx, s.Operator, accountstest.Actor, func(tx *storage.LoadTx) (err error) {
		id, err = tx.InsertFile(ctx, storage.File{
			Direction: "in", Source: "upload", Name: name, State: storage.FileDownloaded, Size: blob.Size, SHA256: blob.SHA256[:],
			BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	loader := ingest.Ingester{DB: s.DB, Archive: s.Archive, Log: slog.New(slog.DiscardHandler)}
	if err := loader.Load(ctx, s.Operator, id); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return id
}
