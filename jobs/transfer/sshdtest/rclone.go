package sshdtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Rclone is a running `rclone serve sftp`: an SFTP server that shares no code with OpenSSH and has
// ways of its own. It stops when its test ends.
type Rclone struct {
	Host     string
	Port     int
	User     string
	Password string
	Root     string // what it serves, as "/"

	fingerprint string
}

// StartRclone starts the server and returns when it accepts connections. It skips the test (or fails
// it if CI=true) where there is no rclone: EDIPORT_RCLONE, the one unpacked in the cache, the system's.
func StartRclone(t testing.TB) *Rclone {
	t.Helper()
	program := findRclone()
	if program == "" {
		giveUp(t, "no rclone on this machine: run .ci/deps.d/rclone, or name one in EDIPORT_RCLONE")
	}
	prepared := &Server{t: t, folder: t.TempDir(), log: &logBuffer{}}
	key := prepared.generate("ed25519")
	prepared.write("host_key", string(prepared.encode(key)))
	signer, err := ssh.NewSignerFromKey(key)
	prepared.must(err)
	r := &Rclone{
		Host: "127.0.0.1", Port: freePort(prepared), User: "partner", Password: rand.Text(),
		Root: t.TempDir(), fingerprint: ssh.FingerprintSHA256(signer.PublicKey()),
	}
	r.start(t, program, prepared)
	return r
}

// Fingerprint returns the SHA-256 fingerprint of its host key.
func (r *Rclone) Fingerprint() string { return r.fingerprint }

// Address returns host:port.
func (r *Rclone) Address() string { return net.JoinHostPort(r.Host, fmt.Sprint(r.Port)) }

// WriteFile writes a file below Root, making its folder.
func (r *Rclone) WriteFile(t testing.TB, name string, content []byte) {
	t.Helper()
	path := filepath.Join(r.Root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *Rclone) start(t testing.TB, program string, prepared *Server) {
	t.Helper()
	// Its view of the folder is not cached, so that what a test does behind its back shows.
	command := exec.Command(program, "serve", "sftp", r.Root, "--addr", r.Address(), "--user", r.User,
		"--key", prepared.file("host_key"), "--dir-cache-time", "0s", "--config", os.DevNull)
	command.Env = append(os.Environ(), "RCLONE_PASS="+r.Password, "RCLONE_CACHE_DIR="+prepared.file("cache"))
	command.Stdout, command.Stderr = prepared.log, prepared.log
	command.SysProcAttr = diesWithUs()
	started, exited := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the kernel ends it with this thread
		defer runtime.UnlockOSThread()
		defer close(exited)
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // its error is the signal we sent; a start that failed shows in the log
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("starting rclone: %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-exited
	})
	prepared.Host, prepared.Port, prepared.exited = r.Host, r.Port, exited
	r.awaitBanner(t, prepared)
}

func (r *Rclone) awaitBanner(t testing.TB, prepared *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for !prepared.answers(ctx) {
		select {
		case <-retry.C:
		case <-prepared.exited:
			t.Fatalf("rclone ended at once:\n%s", prepared.log)
		case <-ctx.Done():
			t.Fatalf("rclone does not answer after %v:\n%s", startLimit, prepared.log)
		}
	}
}

func findRclone() string {
	for _, program := range []string{os.Getenv("EDIPORT_RCLONE"), filepath.Join(cacheFolder(), "rclone", "root", "usr", "bin", "rclone")} {
		if isFile(program) {
			return program
		}
	}
	found, err := exec.LookPath("rclone")
	if err != nil || strings.TrimSpace(found) == "" {
		return ""
	}
	return found
}
