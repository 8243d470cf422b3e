package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/keys"
)

func knowNothing(context.Context, []string) (map[string]bool, error) { return nil, nil }

func TestSweepSparesTheYoung(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	blob := put(t, a, []byte("content"))
	w, err := a.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report, err := a.Sweep(t.Context(), time.Hour, knowNothing)
	if err != nil || report.StaleRemoved != 0 || report.Pending != 1 || report.OrphanCount != 0 || report.Blobs != 1 {
		t.Errorf("all are young: %+v, %v", report, err)
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, file := range files(t, dir) {
		if err := os.Chtimes(filepath.Join(dir, file), old, old); err != nil {
			t.Fatal(err)
		}
	}
	report, err = a.Sweep(t.Context(), time.Hour, knowNothing)
	if err != nil || report.StaleRemoved != 1 || report.Pending != 0 || report.OrphanCount != 1 {
		t.Errorf("all are old: %+v, %v", report, err)
	}
	if len(report.Orphans) != 1 || report.Orphans[0].Name != blob.Name || report.Orphans[0].StoredSize != blob.StoredSize ||
		report.StoredBytes != blob.StoredSize {
		t.Errorf("orphans: %+v, want %s", report, blob.Name)
	}
	if err := a.Verify(t.Context(), blob); err != nil {
		t.Errorf("the sweep touched a blob: %v", err)
	}
	if _, err := w.Commit(); err == nil {
		t.Error("a blob whose temporary file was swept away was committed")
	}
}

// Names are asked for in batches, and every blob is asked about once.
func TestSweepAsksInBatches(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	leaf := filepath.Join(dir, "aa", "bb")
	if err := os.MkdirAll(leaf, 0o700); err != nil {
		t.Fatal(err)
	}
	const blobs = 2*sweepBatch + 7
	for i := range blobs {
		if err := os.WriteFile(filepath.Join(leaf, fmt.Sprintf("aabb%028x", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked := map[string]int{}
	report, err := a.Sweep(t.Context(), -time.Hour, func(_ context.Context, names []string) (map[string]bool, error) {
		known := map[string]bool{}
		for i, name := range names {
			asked[name]++
			known[name] = i%2 == 0
		}
		if len(names) > sweepBatch {
			t.Errorf("asked for %d names at once", len(names))
		}
		return known, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) != blobs || report.Blobs != blobs || report.OrphanCount != 1003 {
		t.Errorf("asked for %d blobs, report %d with %d orphans; want %d and 1003", len(asked), report.Blobs, report.OrphanCount, blobs)
	}
	for name, times := range asked {
		if times != 1 {
			t.Errorf("asked %d times for %s", times, name)
		}
	}
}

func TestSweepLeavesForeignFilesAlone(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	name := newName()
	for _, file := range []string{
		"README", filepath.Join("lost+found", "x"), name, // a blob's name in the wrong folder is not its place
		filepath.Join(name[:2], name[2:4], "note.partial"),
	} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report, err := a.Sweep(t.Context(), -time.Hour, knowNothing)
	if err != nil || report.Foreign != 4 || report.Blobs != 0 || report.StaleRemoved != 0 {
		t.Errorf("%+v, %v; want 4 foreign files", report, err)
	}
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("left: %v, want all 4", got)
	}
}

func TestSweepStops(t *testing.T) {
	t.Parallel()
	a, _ := newArchive(t)
	put(t, a, []byte("content"))
	down := errors.New("database is down")
	_, err := a.Sweep(t.Context(), -time.Hour, func(context.Context, []string) (map[string]bool, error) { return nil, down })
	if !errors.Is(err, down) {
		t.Errorf("when asking fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Sweep(ctx, -time.Hour, knowNothing); !errors.Is(err, context.Canceled) {
		t.Errorf("when cancelled: %v", err)
	}
}

func TestRewrap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keyFile := filepath.Join(dir, "master.key")
	oldRing, _, err := keys.LoadOrCreate(keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before, err := Open(filepath.Join(dir, "archive"), oldRing)
	if err != nil {
		t.Fatal(err)
	}
	blob := put(t, before, []byte("content"))
	if same, changed, err := before.Rewrap(blob); err != nil || changed || same.KeyID != blob.KeyID {
		t.Errorf("current key: changed %v, %v", changed, err)
	}
	newRing, err := keys.AddKey(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Open(filepath.Join(dir, "archive"), newRing)
	if err != nil {
		t.Fatal(err)
	}
	if err := after.Verify(t.Context(), blob); err != nil {
		t.Errorf("before rewrapping: %v", err)
	}
	rewrapped, changed, err := after.Rewrap(blob)
	if err != nil || !changed || rewrapped.KeyID != newRing.Current() || blob.KeyID != oldRing.Current() {
		t.Fatalf("older key: changed %v, key %s, %v; want key %s", changed, rewrapped.KeyID, err, newRing.Current())
	}
	if err := after.Verify(t.Context(), rewrapped); err != nil {
		t.Errorf("after rewrapping: %v", err)
	}
	if err := before.Verify(t.Context(), rewrapped); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("with the old key file: %v, want ErrKeyUnknown", err)
	}
	blob.SHA256[5] ^= 1
	if _, _, err := after.Rewrap(blob); !errors.Is(err, ErrDamaged) {
		t.Errorf("changed row: %v, want ErrDamaged", err)
	}
}
