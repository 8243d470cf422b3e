package faults

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// check looks at every promise.
func (w *world) check() {
	w.t.Helper()
	w.checkInbound()
	w.checkPayments()
	w.checkRemote()
	w.checkOutbound()
	w.checkWork()
}

func (w *world) broken(promise string, detail ...any) {
	w.t.Helper()
	w.t.Errorf("%v: broken promise: %s: %s", w.plan, promise, fmt.Sprintln(detail...))
}

// checkInbound: each remote file is one file here, loaded once, and its original is what the partner had.
func (w *world) checkInbound() {
	w.t.Helper()
	got := map[string]int{}
	for _, f := range w.files("in") {
		got[f.Name]++
		if want, ok := w.inbound[f.Name]; ok {
			if content, err := w.original(f); err != nil || hashOf(content) != hashOf(want) {
				w.broken("the original is kept", f.Name, err)
			}
		}
		loaded := w.number(`SELECT count(*) FROM file_event WHERE file_id = $1 AND state = 'loaded'`, f.ID)
		if wrapped := filepath.Ext(f.Name) == ".zip"; !wrapped && (f.State != storage.FileLoaded || loaded != 1) {
			w.broken("each file is loaded once", f.Name, f.State, f.StateReason, loaded)
		}
	}
	for name := range w.inbound {
		if got[name] != 1 {
			w.broken("each remote file is taken once", name, got[name])
		}
	}
	for name := range w.payments {
		if got[name] != 1 {
			w.broken("each remittance is one file", name, got[name])
		}
	}
}

func (w *world) files(direction string) (files []storage.File) {
	w.t.Helper()
	ctx := w.t.Context()
	ids, err := w.numbers(ctx, `SELECT id FROM file WHERE direction = $1 ORDER BY id`, direction)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.InLoad(ctx, w.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) error {
		files = nil
		for _, id := range ids {
			f, err := tx.FileForLoad(ctx, storage.FileID(id))
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

func (w *world) original(f storage.File) ([]byte, error) {
	r, err := w.archive.Open(archive.Blob{
		Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
	})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// checkPayments: no row of what was loaded is lost or doubled.
func (w *world) checkPayments() {
	w.t.Helper()
	for name, want := range w.payments {
		const of = ` FROM claim_payment c JOIN file f ON f.id = c.file_id WHERE f.name = $1`
		claims := w.number(`SELECT count(*)`+of, name)
		charge := w.number(`SELECT coalesce(sum(c.charge) * 100, 0)::bigint`+of, name)
		paid := w.number(`SELECT coalesce(sum(c.paid) * 100, 0)::bigint`+of, name)
		if claims != want.Claims || charge != want.ChargeCents || paid != want.PaidCents {
			w.broken("no row is lost or doubled", name, claims, "claims, want", want.Claims, "charge", charge, "want", want.ChargeCents)
		}
	}
	if n := w.number(`SELECT count(*) FROM payment`); n != w.sets() {
		w.broken("no payment is lost or doubled", n, "want", w.sets())
	}
}

func (w *world) sets() (n int64) {
	for _, want := range w.payments {
		n += want.Payments
	}
	return n
}

// checkRemote: each remote file is in exactly one place, the archive folder, and nothing of ours lies about.
func (w *world) checkRemote() {
	w.t.Helper()
	if left := w.left(); len(left) > 0 {
		w.broken("what was taken is moved away", left)
	}
	w.sameFiles("each remote file is in one place", folderArchive, w.inbound)
	if n := w.number(`SELECT count(*) FROM remote_seen WHERE remote_state = 'there'`); n != 0 {
		w.broken("it is known where each remote file is", n)
	}
}

// sameFiles compares a folder of the partner's with what must be in it.
func (w *world) sameFiles(promise, folder string, want map[string][]byte) {
	w.t.Helper()
	entries, err := os.ReadDir(w.server.Path(folder))
	if err != nil {
		w.t.Fatal(err)
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
		content, err := os.ReadFile(w.server.Path(folder, e.Name()))
		expected, known := want[e.Name()]
		if err != nil || !known || hashOf(content) != hashOf(expected) {
			w.broken(promise, folder, e.Name(), len(content), "bytes,", known, err)
		}
	}
	for name := range want {
		if !there[name] {
			w.broken(promise, folder, name, "is missing")
		}
	}
}

// checkOutbound: each file is at the receiver once, under its name, with its bytes, and we know it.
func (w *world) checkOutbound() {
	w.t.Helper()
	if w.Deed == deedCollect {
		w.checkCollected()
	} else {
		w.sameFiles("each outbound file arrives once", folderIn, w.outbound)
	}
	if n := w.number(`SELECT count(*) FROM outbound o JOIN file f ON f.id = o.file_id WHERE o.purpose = 'hand_in' AND f.state = 'sent' AND o.sent = 1`); n != int64(len(w.outbound)) {
		w.broken("each outbound file is known to be sent once", n, "of", len(w.outbound))
	}
	if n := w.number(`SELECT count(*) FROM outbound_receipt`); n != int64(len(w.outbound)) {
		w.broken("each delivery has one receipt", n, "of", len(w.outbound))
	}
}

// checkWork: nothing is open, dead or doubled in the queue and the runs.
func (w *world) checkWork() {
	w.t.Helper()
	for promise, query := range map[string]string{
		"no run stays open":          `SELECT count(*) FROM run WHERE state IN ('queued', 'running')`,
		"no job dies":                `SELECT count(*) FROM river_job WHERE state = 'discarded'`,
		"no file stays under way":    `SELECT count(*) FROM file WHERE state IN ('downloaded', 'generated', 'sending', 'uncertain', 'failed')`,
		"each answer is made once":   `SELECT count(*) - count(DISTINCT (answers_file_id, answers_interchange, answers_kind)) FROM outbound WHERE purpose = 'acknowledgment'`,
		"each file has all its rows": `SELECT count(*) FROM file f WHERE direction = 'in' AND NOT EXISTS (SELECT 1 FROM file_event e WHERE e.file_id = f.id)`,
	} {
		if n := w.number(query); n != 0 {
			w.broken(promise, n)
		}
	}
	if w.t.Failed() {
		w.t.Log(w.state())
	}
	if n := w.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND NOT manual`, w.schedule.ID); n != 1 {
		w.broken("a due time has one run", n)
	}
}

// unfinished tells whether a file under a temporary name of ours is in a folder of the partner's.
func (w *world) unfinished(folder string) bool {
	w.t.Helper()
	entries, err := os.ReadDir(w.server.Path(folder))
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".tmp") })
}
