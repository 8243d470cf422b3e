package jobs

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// TestPushKeepsTimesAndMakesFolders: both only where the connection says so.
func TestPushKeepsTimesAndMakesFolders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	folder := server.Path("inbound", "2026", "claims")
	c := h.connect(server, func(c *storage.Connection) { SetPush(c, Push{Folder: folder, KeepTime: true}) })
	file := h.handIn(c, "a.270", question(1))
	if n := h.number(`WITH u AS (UPDATE outbound SET queued_at = '2026-04-01 08:30:00Z' RETURNING 1) SELECT count(*) FROM u`); n != 1 {
		t.Fatal("it is not queued")
	}
	h.start()
	h.eventually("it is refused, as the folder is missing", func() bool {
		return h.number(`SELECT count(*) FROM run_log WHERE detail->>'code' = 'transfer.folder_missing'`) > 0
	})
	h.change(c, func(c *storage.Connection) {
		SetPush(c, Push{Folder: folder, KeepTime: true, MakeFolders: true, FolderMode: "0750", Checksum: true})
	})
	h.eventually("it is delivered", func() bool {
		if h.outbound(file).State == string(storage.FileSent) {
			return true
		}
		_, _ = h.desk.PushNow(t.Context(), h.scope, c.ID) // one may be open
		return false
	})
	for _, name := range []string{"a.270", "a.270.sha256"} {
		h.eventually(name+" is there", func() bool { _, err := os.Stat(folder + "/" + name); return err == nil })
		if info, err := os.Stat(folder + "/" + name); err != nil || !info.ModTime().Equal(time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)) {
			t.Errorf("%s: %v, %v", name, info.ModTime(), err)
		}
	}
	for _, made := range []string{folder, server.Path("inbound", "2026"), server.Path("inbound")} {
		if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o750 {
			t.Errorf("%s: %v, %v", made, info.Mode(), err)
		}
	}
}

// TestPushWhereTimesAreRefused: the file is delivered all the same, and the run says so.
func TestPushWhereTimesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -P setstat"})
	c := h.connect(server, pushing(server, func(p *Push) { p.KeepTime = true }))
	file := h.handIn(c, "a.270", question(1))
	h.exec(`UPDATE outbound SET queued_at = queued_at - interval '1 day'`)
	h.start()
	h.eventually("it is delivered", func() bool { return h.outbound(file).State == string(storage.FileSent) })
	run := storage.RunID(h.number(`SELECT max(id) FROM run WHERE kind = 'push'`))
	if codes := h.codes(run); !slices.Contains(codes, "push.time_not_kept") {
		t.Errorf("the log says %v", codes)
	}
}
