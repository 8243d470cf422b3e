package dropbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(childMain())
	}
	clustertest.Main(m)
}

// limit is how long a test waits for an event; generous, since test machines are busy.
const limit = 90 * time.Second

// A house is an installation with a server of drop boxes.
type house struct {
	t       *testing.T
	cfg     storage.Config
	db      *storage.DB
	owner   *sql.DB // sees everything
	dir     string
	ring    *keys.Ring
	archive *archive.Archive
	scope   storage.Scope
	world   storagetest.Small
	desk    *jobs.Desk
	server  *Server
	clock   *clock
}

func newHouse(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}}
	h.db = storagetest.Open(t, func(c *storage.Config) { h.cfg = *c })
	h.world = storagetest.World(t, h.db)
	h.scope = storage.Scope{Operator: h.world.Operator, Actor: storage.Actor{Kind: storage.ActorCLI}}
	var err error
	if h.ring, _, err = keys.LoadOrCreate(filepath.Join(h.dir, "keys", "master.key"), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if h.archive, err = archive.Open(filepath.Join(h.dir, "archive"), h.ring); err != nil {
		t.Fatal(err)
	}
	if h.owner, err = sql.Open("postgres", h.cfg.OwnerURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.owner.Close() })
	h.desk = &jobs.Desk{DB: h.db, Keys: h.ring, Archive: h.archive}
	cfg := h.config()
	for _, c := range change {
		c(&cfg)
	}
	if h.server, err = Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := h.server.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return h
}

func (h *house) config() Config {
	return Config{
		DB: h.db, Archive: h.archive, Keys: h.ring, Listen: "127.0.0.1:0", Log: testLog(h.t), Now: h.clock.Now,
		Limits: Limits{Recheck: 20 * time.Millisecond, Failures: 1000},
	}
}

func testLog(t testing.TB) *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	return slog.New(slog.DiscardHandler)
}

// A key signs in.
type key struct {
	signer ssh.Signer
	public string // a line of authorized_keys
	file   string // the private half
}

func newKey(t testing.TB) key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return key{signer, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))), file}
}

// box adds a drop box for a key.
func (h *house) box(name string, k key, change ...func(*storage.DropBox)) *storage.DropBox {
	h.t.Helper()
	b := &storage.DropBox{Name: name}
	for _, c := range change {
		c(b)
	}
	if err := h.desk.AddDropBox(h.t.Context(), h.scope, b, []string{k.public}); err != nil {
		h.t.Fatal(err)
	}
	return b
}

// dial signs in.
func (h *house) dial(user string, k key) (*ssh.Client, error) {
	return ssh.Dial("tcp", h.server.Addr().String(), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(k.signer)}, HostKeyCallback: ssh.FixedHostKey(h.server.host.PublicKey()), Timeout: limit,
	})
}

// client signs in and begins SFTP.
func (h *house) client(b *storage.DropBox, k key) *sftp.Client {
	h.t.Helper()
	conn, err := h.dial(b.Username, k)
	if err != nil {
		h.t.Fatal(err)
	}
	return sftpOf(h.t, conn)
}

// put writes a file and closes it.
func put(c *sftp.Client, path string, content []byte) error {
	f, err := c.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(content))
	return errors.Join(err, f.Close())
}

// number is the single number a query returns, past row-level security.
func (h *house) number(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.owner.QueryRowContext(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// holds fails unless so many files are ours, nothing else is in the archive, and nothing is staged.
func (h *house) holds(files, staged int) {
	h.t.Helper()
	if n := h.number(`SELECT count(*) FROM file`); n != files {
		h.t.Errorf("%d files are ours, want %d", n, files)
	}
	if n := h.number(`SELECT count(*) FROM dropbox_file WHERE file_id IS NULL`); n != staged {
		h.t.Errorf("%d files are staged, want %d", n, staged)
	}
	named := h.number(`SELECT (SELECT count(*) FROM file WHERE blob_name IS NOT NULL) + (SELECT count(*) FROM dropbox_file WHERE blob_name IS NOT NULL)`)
	if n := h.blobs(); n != named {
		h.t.Errorf("%d blobs in the archive, want %d", n, named)
	}
}

// blobs counts what lies in the archive, finished or not.
func (h *house) blobs() (n int) {
	h.t.Helper()
	err := filepath.WalkDir(filepath.Join(h.dir, "archive"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// original returns the bytes of the only file.
func (h *house) original(name string) []byte {
	h.t.Helper()
	var f storage.File
	err := h.db.InLoad(h.t.Context(), h.world.Operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) error {
		var err error
		f, err = tx.FileForLoad(h.t.Context(), storage.FileID(h.number(`SELECT id FROM file WHERE name = $1`, name)))
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.archive.Open(archive.Blob{
		Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// eventually waits until something is so.
func (h *house) eventually(what string, so func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-look.C:
		case <-ctx.Done():
			h.t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// openSSH runs the commands of a batch in OpenSSH's sftp and returns what it printed.
func (h *house) openSSH(b *storage.DropBox, k key, batch string) (string, error) {
	h.t.Helper()
	return h.run("sftp", append(h.sshOptions(k), "-P", h.port(), "-b", "-", b.Username+"@127.0.0.1"), batch)
}

func (h *house) run(program string, arguments []string, input string) (string, error) {
	h.t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		h.t.Skipf("no %s on this machine", program)
	}
	command := exec.CommandContext(h.t.Context(), path, arguments...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}

func (h *house) port() string {
	_, port, _ := net.SplitHostPort(h.server.Addr().String())
	return port
}

func (h *house) sshOptions(k key) []string {
	known := filepath.Join(h.t.TempDir(), "known_hosts")
	line := "[127.0.0.1]:" + h.port() + " " + string(ssh.MarshalAuthorizedKey(h.server.host.PublicKey()))
	if err := os.WriteFile(known, []byte(line), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return []string{
		"-F", os.DevNull, "-i", k.file, "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + known,
		"-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes",
	}
}

// A clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns what it was set to.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sftpOf begins SFTP in a connection.
func sftpOf(t *testing.T, conn *ssh.Client) *sftp.Client {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })
	c, err := sftp.NewClient(conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
