package jobs

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/jobs/wrap"
	"github.com/ediport/ediport/storage"
)

// unwrapping is the change of a connection that opens what it takes.
func unwrapping(server *sshdtest.Server) func(*storage.Connection) {
	return func(c *storage.Connection) {
		SetFolders(c, PullFolder{Path: server.Path("outbound"), StableSeconds: AtOnce, Unwrap: UnwrapAuto})
	}
}

func zipOf(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file is the state and reason of a file by its name.
func (h *house) file(name string) (state string) {
	h.t.Helper()
	err := h.owner.QueryRowContext(h.t.Context(), `SELECT concat_ws(' ', state, state_reason) FROM file WHERE name = $1`, name).Scan(&state)
	if err != nil {
		h.t.Fatalf("file %s: %v", name, err)
	}
	return state
}

// sweep returns how many blobs have no row.
func (h *house) sweep() int {
	h.t.Helper()
	known := map[string]bool{}
	rows, err := h.owner.QueryContext(h.t.Context(), `SELECT blob_name FROM file WHERE blob_name IS NOT NULL`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			h.t.Fatal(err)
		}
		known[name] = true
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	report, err := h.archive.Sweep(h.t.Context(), 0, func(context.Context, []string) (map[string]bool, error) { return known, nil })
	if err != nil {
		h.t.Fatal(err)
	}
	return report.Blobs - len(known)
}

func TestWrappedFilesAreOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	key, err := wrap.NewKey("Us", "edi@us.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	public, err := wrap.PublicKeyOf(key)
	if err != nil {
		t.Fatal(err)
	}
	var message bytes.Buffer
	w, err := wrap.Seal(&message, wrap.Sealing{Name: "secret.835", Recipients: public, Gzip: true}, time.Now())
	if err == nil {
		_, err = io.WriteString(w, "for us alone")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(zipOf(t, "inner.835", "deep inside")); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	server.WriteFile("outbound/batch.zip", zipOf(t, "july/a.835", "one", "b.835", "two", "empty.txt", "", "../evil.835", "three"))
	server.WriteFile("outbound/secret.pgp", message.Bytes())
	server.WriteFile("outbound/deep.gz", packed.Bytes())
	server.WriteFile("outbound/broken.zip", zipOf(t, "a", "broken")[:60])
	server.WriteFile("outbound/nothing.zip", zipOf(t))
	server.WriteFile("outbound/plain.835", []byte("not wrapped"))
	c := h.connect(server, unwrapping(server))
	if err := h.desk.ChangeConnection(t.Context(), h.scope, h.connection(c.ID), Secrets{PGPPrivateKey: transfer.Secret(key)}); err != nil {
		t.Fatal(err)
	}
	h.start()
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", run.State, run.ErrorCode)
	}
	h.eventually("all jobs are done", func() bool { return h.number(`SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) == 0 })
	for name, want := range map[string]string{
		"batch.zip": "stored file.unwrapped", "a.835": "loaded", "b.835": "loaded", "empty.txt": "stored", "evil.835": "loaded",
		"secret.pgp": "stored file.unwrapped", "secret.835": "loaded", "deep.gz": "stored file.unwrapped", "inner.835": "loaded",
		"broken.zip": "failed wrap.damaged", "nothing.zip": "stored file.unwrapped_empty", "plain.835": "loaded",
	} {
		if got := h.file(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if n := h.number(`SELECT count(*) FROM file c JOIN file p ON p.id = c.parent_file_id AND p.run_id = c.run_id AND p.connection_id = c.connection_id WHERE c.source = 'container'`); n != 6 {
		t.Errorf("%d files came out of others, want 6", n)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE code = 'wrap.damaged' AND resolved_at IS NULL`); n != 1 {
		t.Errorf("%d incidents of the broken file, want 1", n)
	}
	if n := h.sweep(); n != 0 {
		t.Errorf("%d blobs belong to no file", n)
	}
}

// TestKilledWhileUnwrapping: whenever a node dies, each entry is there once in the end.
func TestKilledWhileUnwrapping(t *testing.T) {
	for _, at := range []string{"unwrap.stored", "unwrap.committed"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server := sshdtest.Start(t, sshdtest.Options{})
			server.WriteFile("outbound/batch.zip", zipOf(t, "a.835", "one", "b.835", "two"))
			c := h.connect(server, unwrapping(server))
			dying := h.startChild(func(c *childConfig) { c.DieAt = at })
			h.request(c)
			waitFor(t, "the node dies", dying.exited)
			h.start()
			h.allLoaded(2)
			if n := h.number(`SELECT count(*) FROM file`); n != 3 || h.file("batch.zip") != "stored file.unwrapped" {
				t.Errorf("%d files, batch.zip is %s; want 3, stored", n, h.file("batch.zip"))
			}
			want := map[string]int{"unwrap.stored": 2, "unwrap.committed": 0}
			if n := h.sweep(); n != want[at] { // they are the sweep's
				t.Errorf("%d blobs belong to no file, want %d", n, want[at])
			}
		})
	}
}

// TestUnwrapTwice: an attempt that was overtaken leaves nothing behind.
func TestUnwrapTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/batch.zip", zipOf(t, "a.835", "one"))
	n := &Node{cfg: h.config(), id: "first", log: testLog(t)}
	n.ended, n.end = context.WithCancel(t.Context())
	defer n.end()
	e, err := n.begin(t.Context(), h.operator, h.request(h.connect(server, unwrapping(server))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.pull(t.Context()); err != nil {
		t.Fatal(err)
	}
	var file storage.File
	err = h.db.InLoad(t.Context(), h.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
		file, err = tx.FileForLoad(t.Context(), h.fileIDs()[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // as if both had read the state before
		if opened, err := n.unwrap(t.Context(), h.operator, file); err != nil || !opened {
			t.Fatalf("opened: %v, %v", opened, err)
		}
	}
	if n := h.number(`SELECT count(*) FROM file`); n != 2 {
		t.Errorf("%d files, want 2", n)
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE kind = 'ingest'`); n != 2 {
		t.Errorf("%d jobs, want one for the zip and one for its entry", n)
	}
	if n := h.sweep(); n != 0 {
		t.Errorf("%d blobs belong to no file", n)
	}
	// An archive that fails is no fault of the file.
	broken := errors.New("the archive is broken")
	if Permanent(fail(ErrArchive, broken)) {
		t.Error("a failing archive would be for good")
	}
}

func TestFolderOf(t *testing.T) {
	t.Parallel()
	folders := []PullFolder{{Path: "/out"}, {Path: "/out/zips/", Unwrap: UnwrapAuto}, {Path: "in"}}
	for remote, want := range map[string]string{"/out/a": "/out", "/out/zips/a": "/out/zips/", "/out/zipsy/a": "/out", "in/x/a": "in", "/other/a": ""} {
		if f, ok := folderOf(folders, remote); f.Path != want || ok != (want != "") {
			t.Errorf("%s came from %q, want %q", remote, f.Path, want)
		}
	}
	if f, ok := folderOf([]PullFolder{{Path: "."}}, "a.835"); !ok || f.Path != "." {
		t.Error("a file where the session starts came from nowhere")
	}
}
