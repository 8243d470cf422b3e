package transfer_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// TestLookByNameAtBoth: what is looked for by name is found, and can be taken, as if it had been listed.
func TestLookByNameAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		for _, name := range []string{"out/a.835", "out/sub/ünïcode 日本.835", "out/c.835.ours", "out/other.835"} {
			partner.write(t, name, []byte(name))
		}
		partner.mkdir(t, "out/folder")
		options := transfer.ListOptions{
			Folder: partner.path("out"), ClaimSuffix: ".ours", Names: []string{"a.835", "sub/ünïcode 日本.835", "c.835", "never.835", "folder", "a.835"},
		}
		listing := list(t, client, options)
		if len(listing.Files) != 3 || listing.Missing != 1 || listing.Special != 1 || listing.Repeated != 1 {
			t.Fatalf("%d files, %+v", len(listing.Files), listing)
		}
		byList := map[string]transfer.RemoteFile{}
		for _, f := range list(t, client, transfer.ListOptions{Folder: partner.path("out"), ClaimSuffix: ".ours", Depth: 1}).Files {
			byList[f.Path] = f
		}
		for _, f := range listing.Files {
			if byList[f.Path] != f {
				t.Errorf("by name it is %+v, listed %+v", f, byList[f.Path])
			}
			var got bytes.Buffer
			if _, err := client.Download(t.Context(), f, &got); err != nil || !strings.HasPrefix(got.String(), "out/"+f.Rel) {
				t.Errorf("downloading: %v", err)
			}
		}
		_, err := client.List(t.Context(), transfer.ListOptions{Folder: partner.path("nowhere"), Names: []string{"a"}})
		wantCode(t, err, "transfer.folder_missing", true)
		for _, name := range []string{"../old/x", "/etc/passwd", "", "a//b", "a/./b"} {
			_, err := client.List(t.Context(), transfer.ListOptions{Folder: partner.path("out"), Names: []string{name}})
			wantCode(t, err, "transfer.name_refused", true)
		}
	})
}

// TestLookByNameWhereListingIsDenied: a server that denies to list, one that denies all, and a link that leads away.
func TestLookByNameWhereListingIsDenied(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -P opendir,readdir"})
	server.WriteFile("out/a.835", []byte("a"))
	if err := os.Symlink("/etc/passwd", server.Path("out", "link.835")); err != nil {
		t.Fatal(err)
	}
	client := dial(t, endpoint(server))
	if _, err := client.List(t.Context(), transfer.ListOptions{Folder: server.Path("out")}); err == nil {
		t.Fatal("it can be listed")
	}
	listing := list(t, client, transfer.ListOptions{Folder: server.Path("out"), Names: []string{"link.835", "a.835"}})
	if len(listing.Files) != 1 || listing.Special != 1 {
		t.Errorf("%d files, %+v", len(listing.Files), listing)
	}
	closed := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -P stat,lstat"})
	_, err := dial(t, endpoint(closed)).List(t.Context(), transfer.ListOptions{Folder: closed.Root, Names: []string{"a"}})
	wantCode(t, err, "transfer.permission_denied", true)
}

// TestLookByNameTakesWhatWasClaimedFirst: what a run claimed that crashed is not hidden by a new file of its name.
func TestLookByNameTakesWhatWasClaimedFirst(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835.ours", []byte("the claimed one"))
	server.WriteFile("out/a.835", []byte("a new one"))
	files := list(t, dial(t, endpoint(server)), transfer.ListOptions{Folder: server.Path("out"), ClaimSuffix: ".ours", Names: []string{"a.835"}}).Files
	if len(files) != 1 || files[0].At != server.Path("out", "a.835.ours") {
		t.Errorf("found: %+v", files)
	}
}

// TestLookByNameThatFails: of a name that the server fails to look at nobody knows that it is not there.
func TestLookByNameThatFails(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", []byte("a"))
	options := transfer.ListOptions{Folder: server.Path("out"), Names: []string{"a.835", strings.Repeat("n", 300)}} // too long a name for it
	if got := list(t, dial(t, endpoint(server)), options); len(got.Files) != 1 || got.Unreadable != 1 || got.Special != 0 {
		t.Errorf("found: %+v", got)
	}
}

// TestLookByNameStaysInTheFolder: a name below a folder that is a link is not followed out of the folder, whether claimed or not.
func TestLookByNameStaysInTheFolder(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	for _, name := range []string{"else/x.835", "else/y.835.ours", "else/deep/x.835", "out/sub/x.835"} {
		server.WriteFile(name, []byte(name))
	}
	for _, link := range []string{server.Path("out", "away"), server.Path("out", "sub", "away")} {
		if err := os.Symlink(server.Path("else"), link); err != nil {
			t.Fatal(err)
		}
	}
	listing := list(t, dial(t, endpoint(server)), transfer.ListOptions{Folder: server.Path("out"), ClaimSuffix: ".ours", Names: []string{
		"away/x.835", "away/y.835", "away/deep/x.835", "sub/away/x.835", "sub/x.835", "never/x.835",
	}})
	if len(listing.Files) != 1 || listing.Files[0].Rel != "sub/x.835" || listing.Special != 4 || listing.Missing != 1 {
		t.Errorf("%d files, %+v", len(listing.Files), listing)
	}
}
