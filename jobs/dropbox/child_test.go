package dropbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// childVariable makes the test binary a server, in a process of its own that can be killed.
const childVariable = "EDIPORT_DROPBOX_TEST_CHILD"

type childConfig struct {
	LoaderURL, AppURL string
	Dir               string
	DieAt             string // failpoint at which the process kills itself
}

func childMain() int {
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// runChild serves until its standard input ends.
func runChild() error {
	var c childConfig
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &c); err != nil {
		return err
	}
	db, err := storage.Open(storage.Config{LoaderURL: c.LoaderURL, AppURL: c.AppURL, IDKeys: [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}})
	if err != nil {
		return err
	}
	ring, err := keys.Load(filepath.Join(c.Dir, "keys", "master.key"))
	if err != nil {
		return err
	}
	a, err := archive.Open(filepath.Join(c.Dir, "archive"), ring)
	if err != nil {
		return err
	}
	failpoint.Set(c.DieAt, func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
	s, err := Start(context.Background(), Config{DB: db, Archive: a, Keys: ring, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	fmt.Println(s.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// child starts a server that dies at a failpoint and returns where it listens.
func (h *house) child(dieAt string) string {
	h.t.Helper()
	text, err := json.Marshal(childConfig{h.cfg.LoaderURL, h.cfg.AppURL, h.dir, dieAt})
	if err != nil {
		h.t.Fatal(err)
	}
	command := exec.CommandContext(h.t.Context(), os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+string(text))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = stdin.Close(); _ = command.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		h.t.Fatalf("the child says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

// A server that is killed at any step leaves the file there once, as soon as its sender, who got no answer, sends it again.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		point string
		ours  int // files after the kill
	}{{"dropbox.sealed", 0}, {"dropbox.inserted", 0}, {"dropbox.committed", 1}} {
		t.Run(c.point, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			k := newKey(t)
			b := h.box("Tamarind", k)
			conn, err := ssh.Dial("tcp", h.child(c.point), &ssh.ClientConfig{
				User: b.Username, Auth: []ssh.AuthMethod{ssh.PublicKeys(k.signer)}, HostKeyCallback: ssh.FixedHostKey(h.server.host.PublicKey()),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			client, err := sftp.NewClient(conn)
			if err != nil {
				t.Fatal(err)
			}
			content := randomBytes(100_000)
			if err := put(client, "/in/a.835", content); err == nil {
				t.Fatal("the killed server said that all is well")
			}
			h.eventually("the killed one's transaction is over", func() bool {
				return h.number(`SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND datname = current_database()`) == 0
			})
			if n := h.number(`SELECT count(*) FROM file`); n != c.ours {
				t.Errorf("%d files after the kill, want %d", n, c.ours)
			}
			if err := put(h.client(b, k), "/in/a.835", content); err != nil {
				t.Fatal(err)
			}
			if n := h.number(`SELECT count(*) FROM file`); n != 1 {
				t.Errorf("%d files, want 1", n)
			}
			if n := h.number(`SELECT count(*) FROM river_job WHERE kind = 'ingest'`); n != 1 {
				t.Errorf("%d jobs that load it, want 1", n)
			}
			if string(h.original("a.835")) != string(content) {
				t.Error("other bytes")
			}
		})
	}
}
