package dropbox

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// Our own client delivers as it does to partners: temporary name, size checked, renamed.
func TestOurClientSends(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	private, err := os.ReadFile(k.file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := transfer.Dial(t.Context(), transfer.Endpoint{
		Host: "127.0.0.1", Port: h.server.Addr().(*net.TCPAddr).Port, User: b.Username, HostKeys: []string{h.server.Fingerprint()}, Auth: transfer.Auth{PrivateKey: transfer.Secret(private)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	content := randomBytes(5_000_000)
	for _, rename := range []string{transfer.RenameAuto, transfer.RenamePosix, transfer.RenamePlain, transfer.RenameNone} {
		name := rename + ".835"
		u := transfer.Upload{Folder: "/in", Name: name, Temporary: name + ".tmp", Size: int64(len(content)), Rename: rename}
		if _, err := client.Upload(t.Context(), bytes.NewReader(content), u); err != nil {
			t.Fatalf("%q: %v", rename, err)
		}
		if !bytes.Equal(h.original(name), content) {
			t.Errorf("%q: other bytes", rename)
		}
	}
	h.holds(4, 0)
}

// rclone copies a folder; what it finds there already it leaves.
func TestRcloneSends(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	program := filepath.Join(os.Getenv("HOME"), ".cache", "ediport", "rclone", "root", "usr", "bin", "rclone")
	if named := os.Getenv("EDIPORT_RCLONE"); named != "" {
		program = named
	} else if _, err := os.Stat(program); err != nil {
		program = "rclone"
	}
	dir := t.TempDir()
	for _, name := range []string{"a.835", "b.835", "empty.835"} {
		content := randomBytes(300_000)
		if name == "empty.835" {
			content = nil
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		out, err := h.run(program, []string{
			"copy", dir, ":sftp:/in", "--config", os.DevNull, "--sftp-host", "127.0.0.1", "--sftp-port", h.port(), "--sftp-user", b.Username,
			"--sftp-key-file", k.file, "--sftp-shell-type", "none", "--sftp-disable-hashcheck", "--size-only", "--retries", "1",
		}, "")
		if err != nil {
			t.Fatalf("rclone: %v\n%s", err, out)
		}
	}
	h.holds(3, 0)
}

// What a partner drops is loaded: rows of the payment stand where those of a pulled file would.
func TestDroppedRemittanceIsLoaded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k, func(b *storage.DropBox) { b.Account = h.world.A }), k)
	in := &ingest.Ingester{DB: h.db, Archive: h.archive, Log: slog.New(slog.DiscardHandler), Outbox: &jobs.Outbox{Archive: h.archive}}
	node, err := jobs.Start(t.Context(), jobs.Config{DB: h.db, Archive: h.archive, Keys: h.ring, Ingest: in.Load, Work: true, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := node.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	content, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(c, "/in/remit.835", content); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is loaded", func() bool { return h.number(`SELECT count(*) FROM file WHERE state = 'loaded'`) == 1 })
	if n := h.number(`SELECT count(*) FROM payment WHERE account_id = $1`, h.world.A); n == 0 {
		t.Error("no payment was loaded for the account")
	}
}
