package main

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// dropBoxCommands adds a drop box by commands; its partner compares our host key, signs in, and sends a file, which is loaded.
func (x *exchange) dropBoxCommands(t *testing.T, address string) {
	seed := make([]byte, ed25519.SeedSize)
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "partner.pub")
	if err := os.WriteFile(keyFile, ssh.MarshalAuthorizedKey(signer.PublicKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := x.fails(2, "dropbox", "add", "drops", "--from", "everywhere"); !strings.Contains(said, "sources") {
		t.Errorf("a wrong network: %q", said)
	}
	x.do("dropbox", "add", "drops", "--from", "127.0.0.0/8", "--temporary-suffix", ".busy")
	x.do("dropbox", "key", "add", "drops", keyFile)
	shown := x.json("dropbox", "show", "drops")
	if !strings.HasPrefix(shown["id"].(string), "dbx_") || !strings.Contains(x.do("dropbox", "show", "drops"), ssh.FingerprintSHA256(signer.PublicKey())) {
		t.Errorf("dropbox show: %v", shown)
	}
	x.do("dropbox", "change", "drops", "--user", "drops-partner")
	if rows := x.list("drop_boxes", "dropbox", "list"); len(rows) != 1 || rows[0]["username"] != "drops-partner" {
		t.Errorf("dropbox list: %v", rows)
	}
	_, line, _ := strings.Cut(x.do("dropbox", "host-key"), "\n")
	host, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatalf("dropbox host-key prints %q", line)
	}
	dial := func() (*ssh.Client, error) {
		return ssh.Dial("tcp", address, &ssh.ClientConfig{User: "drops-partner", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.FixedHostKey(host)})
	}
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, err := sftp.NewClient(conn)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Create("/in/dropped note.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("no X12, kept all the same, dropped")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if rows := x.list("files", "file", "list", "--name", "dropped note"); len(rows) != 1 || rows[0]["source"] != "mailbox" {
		t.Errorf("file list: %v", rows)
	}
	x.do("dropbox", "pause", "drops", "--reason", "house moving")
	if _, err := dial(); err == nil {
		t.Error("a paused drop box lets its partner in")
	}
	x.do("dropbox", "resume", "drops")
	x.do("dropbox", "key", "remove", "drops", ssh.FingerprintSHA256(signer.PublicKey()))
	if _, err := dial(); err == nil {
		t.Error("a removed key signs in")
	}
	x.do("dropbox", "delete", "drops")
}
