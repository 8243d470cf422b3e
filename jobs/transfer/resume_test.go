package transfer_test

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestDownloadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	content := randomBytes(16 << 20)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", content)
	proxy := sshdtest.StartProxy(t, server.Address())
	target := endpoint(server)
	target.Host, target.Port = proxy.Host, proxy.Port
	client := dial(t, target)
	file := only(t, client, server.Path("out"))
	proxy.CutAfter(5 << 20)
	var got bytes.Buffer
	first, err := client.Download(t.Context(), file, &got)
	wantCode(t, err, "transfer.connection_lost", false)
	if first == 0 || first == file.Size || first != int64(got.Len()) {
		t.Fatalf("%d bytes came before the break: the test shows nothing", first)
	}
	proxy.Restore()
	rest, err := dial(t, target).DownloadRest(t.Context(), file, first, &got)
	if err != nil || first+rest != file.Size || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("the rest: %d bytes, %v, the same content: %v", rest, err, bytes.Equal(got.Bytes(), content))
	}
}

// TestDownloadDoesNotGoOnWithAnother: a file that was replaced meanwhile is not patched together.
func TestDownloadDoesNotGoOnWithAnother(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", []byte("the first one"))
	client := dial(t, endpoint(server))
	file := only(t, client, server.Path("out"))
	server.WriteFile("out/a.835", []byte("another one"))
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(server.Path("out", "a.835"), later, later); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	n, err := client.DownloadRest(t.Context(), file, 5, &got)
	wantCode(t, err, "transfer.file_changed", false)
	if n != 0 || got.Len() != 0 {
		t.Errorf("%d bytes of it came", n)
	}
}

func TestThrottleHoldsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		if err := transfer.Throttled(t.Context(), 1<<20, 10<<20); err != nil {
			t.Fatal(err)
		}
		// The first burst passes at once; the rest takes its time.
		if took := time.Since(started); took < 9500*time.Millisecond || took > 10*time.Second {
			t.Errorf("10 MiB at 1 MiB a second took %v", took)
		}
	})
}

// TestThrottledTransfers: the limit slows down and breaks nothing, even if it is far below what the
// idle limit would take for a stall.
func TestThrottledTransfers(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	content := randomBytes(300 << 10)
	server.WriteFile("out/a.835", content)
	target := endpoint(server)
	target.Limits.BytesPerSecond, target.Timeouts.Idle = 16<<10, 1500*time.Millisecond
	client := dial(t, target)
	var got bytes.Buffer
	if _, err := client.Download(t.Context(), only(t, client, server.Path("out")), &got); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("download: %v", err)
	}
	u := transfer.Upload{Folder: server.Root, Name: "b.x12", Size: int64(len(content))}
	if _, err := client.Upload(t.Context(), bytes.NewReader(content), u); err != nil {
		t.Errorf("upload: %v", err)
	}
}
