package transfer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// TestKeepTimeAndMakeFolderAtBoth: only where it is asked for; a folder that is there stays as it is.
func TestKeepTimeAndMakeFolderAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		partner.mkdir(t, "there")
		content := randomBytes(70_000)
		u := transfer.Upload{Folder: partner.path("there", "2026", "claims"), Name: "a.270", Size: int64(len(content))}
		_, err := client.Upload(t.Context(), bytes.NewReader(content), u)
		wantCode(t, err, "transfer.folder_missing", true)
		u.MakeFolder, u.ModTime = true, april
		got, err := client.Upload(t.Context(), bytes.NewReader(content), u)
		if err != nil || !got.ModTime.Equal(april) || !bytes.Equal(partner.read(t, "there/2026/claims/a.270"), content) {
			t.Fatalf("into a folder that was missing: %+v, %v", got, err)
		}
		u.Name, u.ModTime = "b.270", transfer.Upload{}.ModTime
		if got, err = client.Upload(t.Context(), bytes.NewReader(content), u); err != nil || got.ModTime.Equal(april) {
			t.Errorf("without a time of its own: %+v, %v", got, err)
		}
		partner.write(t, "file", nil)
		u.Folder = partner.path("file")
		_, err = client.Upload(t.Context(), bytes.NewReader(content), u)
		wantCode(t, err, "transfer.folder_missing", true)
	})
}

func TestMakeFolderWithMode(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	if err := os.Mkdir(server.Path("there"), 0o711); err != nil { //nolint:gosec // as the server's own folders
		t.Fatal(err)
	}
	client := dial(t, endpoint(server))
	for _, folder := range []string{server.Path("there", "a", "b"), "relative/c"} {
		u := transfer.Upload{Folder: folder, Name: "a.270", Size: 1, MakeFolder: true, FolderMode: 0o750}
		if _, err := client.Upload(t.Context(), strings.NewReader("x"), u); err != nil {
			t.Fatal(err)
		}
	}
	for folder, want := range map[string]os.FileMode{"there": 0o711, "there/a": 0o750, "there/a/b": 0o750, "relative": 0o750, "relative/c": 0o750} {
		if info, err := os.Stat(filepath.Join(server.Root, folder)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", folder, info.Mode(), err, want)
		}
	}
}
