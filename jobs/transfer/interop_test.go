package transfer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// A partnerServer is a server of one of the implementations that all of this has to work with.
type partnerServer struct {
	endpoint transfer.Endpoint
	disk     string // the served folder on our disk
	remote   string // the same, as the server calls it
}

func (p partnerServer) path(elements ...string) string {
	return filepath.Join(append([]string{p.remote}, elements...)...)
}

func (p partnerServer) write(t *testing.T, name string, content []byte) {
	t.Helper()
	on := filepath.Join(p.disk, name)
	if err := os.MkdirAll(filepath.Dir(on), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(on, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p partnerServer) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.disk, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// atBoth runs a test against OpenSSH's server and against rclone's.
func atBoth(t *testing.T, test func(*testing.T, partnerServer)) {
	t.Helper()
	t.Run("openssh", func(t *testing.T) {
		t.Parallel()
		server := sshdtest.Start(t, sshdtest.Options{})
		test(t, partnerServer{endpoint(server), server.Root, server.Root})
	})
	t.Run("rclone", func(t *testing.T) {
		t.Parallel()
		server := sshdtest.StartRclone(t)
		test(t, partnerServer{transfer.Endpoint{
			Host: server.Host, Port: server.Port, User: server.User, HostKeys: []string{server.Fingerprint()},
			Auth: transfer.Auth{Password: transfer.Secret(server.Password)},
		}, server.Root, "/"})
	})
}

func TestPullAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		want := map[string][]byte{
			"plain.835": randomBytes(300_000), "with space.835": []byte("b"), "ünïcode 日本.835": []byte("c"), "empty.835": nil,
			"sub/below.835": randomBytes(100),
		}
		for name, content := range want {
			partner.write(t, "out/"+name, content)
		}
		partner.write(t, "out/still.835.part", []byte("x"))
		client := dial(t, partner.endpoint)
		listing := list(t, client, transfer.ListOptions{Folder: partner.path("out"), Depth: 1})
		if len(listing.Files) != len(want) || listing.Unfinished != 1 {
			t.Fatalf("%d files, %d unfinished, want %d and 1", len(listing.Files), listing.Unfinished, len(want))
		}
		for _, file := range listing.Files {
			var got bytes.Buffer
			if _, err := client.Download(t.Context(), file, &got); err != nil || !bytes.Equal(got.Bytes(), want[file.Rel]) {
				t.Errorf("a file of %d bytes: %v, the same bytes: %v", file.Size, err, bytes.Equal(got.Bytes(), want[file.Rel]))
			}
			where, err := client.Archive(t.Context(), file, partner.path("old", "2026"))
			if err != nil || where != partner.path("old", "2026", file.Name) {
				t.Errorf("archiving a file of %d bytes: %v", file.Size, err)
			}
		}
		if left := list(t, client, transfer.ListOptions{Folder: partner.path("out"), Depth: 1}); len(left.Files) != 0 {
			t.Errorf("%d files left", len(left.Files))
		}
	})
}

func TestArchiveAndDeleteAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		partner.write(t, "old/a.835", []byte("the one before"))
		partner.write(t, "out/a.835", []byte("new"))
		file := only(t, client, partner.path("out"))
		where, err := client.Archive(t.Context(), file, partner.path("old"))
		if err != nil || where == partner.path("old", "a.835") {
			t.Fatalf("archiving where the name is taken: %v", err)
		}
		if string(partner.read(t, "old/a.835")) != "the one before" {
			t.Fatal("what was in the archive was replaced")
		}
		if _, err := client.Archive(t.Context(), file, partner.path("old")); !errors.Is(err, transfer.ErrNotFound) {
			t.Errorf("archiving again: %v, want ErrNotFound", err)
		}
		partner.write(t, "out/b.835", []byte("b"))
		file = only(t, client, partner.path("out"))
		partner.write(t, "out/b.835", []byte("another"))
		if err := client.Delete(t.Context(), file); !errors.Is(err, transfer.ErrChanged) {
			t.Errorf("deleting what changed: %v, want ErrChanged", err)
		}
		if err := client.Delete(t.Context(), only(t, client, partner.path("out"))); err != nil {
			t.Error(err)
		}
	})
}

func TestClaimAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		partner.write(t, "out/a.835", []byte("a"))
		options := transfer.ListOptions{Folder: partner.path("out"), ClaimSuffix: ".ours"}
		options.Rules, _ = transfer.ParseRules("*.835")
		before := list(t, client, options).Files[0]
		claimed, err := client.Claim(t.Context(), before, ".ours")
		if err != nil || claimed.At != partner.path("out", "a.835.ours") || claimed.Key() != before.Key() {
			t.Fatalf("claimed: %v", err)
		}
		if _, err := client.Claim(t.Context(), before, ".ours"); !errors.Is(err, transfer.ErrNotFound) {
			t.Errorf("claiming what another one claimed: %v, want ErrNotFound", err)
		}
		// Another run, after a crash, finds it under the name it had.
		again := list(t, client, options).Files[0]
		if again != claimed {
			t.Fatalf("listed after the claim: %v at a claimed name %v, want the same file", again, again.At != "")
		}
		var got bytes.Buffer
		if _, err := client.Download(t.Context(), again, &got); err != nil || got.String() != "a" {
			t.Errorf("downloading a claimed file: %v", err)
		}
		back, err := client.Unclaim(t.Context(), again)
		if err != nil || back != before {
			t.Errorf("giving the name back: %v", err)
		}
		if string(partner.read(t, "out/a.835")) != "a" {
			t.Error("it has not its name back")
		}
	})
}
