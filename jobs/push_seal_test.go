package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/jobs/wrap"
	"github.com/ediport/ediport/storage"
)

// TestSealedFilesLeave: packed, encrypted for the partner; and what is sent again are the same bytes.
func TestSealedFilesLeave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	private, err := wrap.NewKey("Partner", "files@partner.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	public, err := wrap.PublicKeyOf(private)
	if err != nil {
		t.Fatal(err)
	}
	c := h.connect(server, pushing(server, func(p *Push) { p.Gzip, p.PGPRecipients = true, public }))
	file := h.handIn(c, "q.270", question(1))
	h.start()
	h.becomes(file, storage.FileSent)
	if err := h.desk.SendAgain(t.Context(), h.scope, file); err != nil {
		t.Fatal(err)
	}
	h.eventually("it arrives again", func() bool { return h.outbound(file).Sent == 2 })
	got := delivered(t, server, "inbound")
	if len(got) != 2 {
		t.Fatalf("at the server: %s", names(got))
	}
	var first string
	for name, content := range got {
		if !strings.HasSuffix(name, ".gz.pgp") {
			t.Errorf("a sealed file is named %s", name)
		}
		if first == "" {
			first = content
		}
		if content != first {
			t.Error("other bytes were sent the second time")
		}
		var opened string
		source := wrap.Source{Name: name, Size: int64(len(content)), Content: strings.NewReader(content)}
		err := wrap.Open(t.Context(), source, wrap.Limits{}, wrap.Keys{Private: private}, func(e wrap.Entry) error {
			b := make([]byte, 10_000)
			n, _ := e.Content.Read(b)
			opened = string(b[:n])
			return nil
		})
		if err != nil || opened != string(question(1)) {
			t.Errorf("the partner opens %d bytes (%v)", len(opened), err)
		}
	}
	if n := h.number(`SELECT count(*) FROM outbound_receipt r JOIN outbound o USING (file_id) WHERE r.sha256 = o.wire_sha256 AND r.size = o.wire_size`); n != 2 {
		t.Errorf("%d receipts of the bytes that were sent, want 2", n)
	}
}

// TestUnreadableFileIsGivenUp: one file whose archived bytes are gone does not keep the others back.
func TestUnreadableFileIsGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	gone := h.handIn(c, "gone.270", question(1))
	err := filepath.WalkDir(filepath.Join(h.dir, "archive"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	there := h.handIn(c, "there.270", question(2))
	h.start()
	h.becomes(there, storage.FileSent)
	item := h.becomes(gone, storage.FileFailed)
	if item.StateReason != "outbound.unreadable" {
		t.Errorf("the file is failed because of %s", item.StateReason)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE code = 'outbound.unreadable' AND resolved_at IS NULL`); n != 1 {
		t.Errorf("%d incidents of the file, want 1", n)
	}
}

// TestDamagedFileIsGivenUp: bytes that are found to be damaged while they leave are that file's matter, too.
func TestDamagedFileIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, way := range []string{transfer.RenameAuto, transfer.RenameNone} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server := sshdtest.Start(t, sshdtest.Options{})
			c := h.connect(server, pushing(server, func(p *Push) { p.Rename = way }))
			damaged := h.handIn(c, "damaged.270", question(1))
			err := filepath.WalkDir(filepath.Join(h.dir, "archive"), func(path string, d os.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return err
				}
				stored, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				stored[len(stored)-1] ^= 1
				return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, stored, 0o600))
			})
			if err != nil {
				t.Fatal(err)
			}
			whole := h.handIn(c, "whole.270", question(2))
			h.start()
			h.becomes(whole, storage.FileSent)
			if item := h.becomes(damaged, storage.FileFailed); item.StateReason != "outbound.unreadable" {
				t.Errorf("the file is failed because of %s", item.StateReason)
			}
			if got := delivered(t, server, "inbound"); names(got) != "whole.270" {
				t.Errorf("at the server: %s", names(got))
			}
		})
	}
}

// TestCancelledPush: a person stops a push; what is under way goes back to the queue, nothing half is left under its name.
func TestCancelledPush(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	c := h.connect(server, pushing(server), func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(7_000)
	file := h.handIn(c, "large.bin", randomBytes(8_000_000), func(in *HandIn) { in.AsIs = true })
	h.start()
	waitFor(t, "the upload stalls", stalled)
	var run storage.RunID
	err := h.db.InScopeRead(t.Context(), h.scope, func(tx *storage.Tx) error {
		open, err := tx.OpenRun(t.Context(), h.operator, c.ID, storage.DirectionPush)
		if err == nil {
			run = open.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk.PauseConnection(t.Context(), h.scope, c.ID, "it takes too long"); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.Cancel(t.Context(), h.scope, run); err != nil {
		t.Fatal(err)
	}
	if ended := h.ended(run); ended.State != storage.RunCancelled {
		t.Errorf("the run is %s", ended.State)
	}
	if item := h.outbound(file); item.State != "generated" {
		t.Errorf("the file is %s %s", item.State, item.StateReason)
	}
	if _, err := os.Stat(server.Path("inbound", "large.bin")); !os.IsNotExist(err) {
		t.Errorf("there is something under the file's name (%v)", err)
	}
	proxy.Restore()
	if err := h.desk.ResumeConnection(t.Context(), h.scope, c.ID); err != nil {
		t.Fatal(err)
	}
	h.becomes(file, storage.FileSent)
	if got := delivered(t, server, "inbound"); names(got) != "large.bin" {
		t.Errorf("at the server: %s", names(got))
	}
}

// TestQueuedWhileAPushEnds: what is queued in the moment when a push has looked for the last time goes soon all the same.
func TestQueuedWhileAPushEnds(t *testing.T) {
	// Not parallel: the failpoint is the process's.
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	first := h.handIn(c, "first.270", question(1))
	var second storage.FileID
	queued := make(chan error, 1)
	failpoint.Set("push.idle", func() {
		failpoint.Set("push.idle", nil)
		var err error
		second, err = h.desk.HandIn(context.WithoutCancel(t.Context()), h.scope, c.ID, HandIn{Name: "second.270", Content: strings.NewReader(string(question(2))), Source: "api"})
		queued <- err
	})
	defer failpoint.Set("push.idle", nil)
	h.start()
	select {
	case err := <-queued:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(limit):
		t.Fatal("the push did not end")
	}
	h.becomes(first, storage.FileSent)
	h.becomes(second, storage.FileSent)
}
