package sshdtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// startLimit is how long sshd may take to accept its first connection; generous, since test machines are busy.
const startLimit = 30 * time.Second

// Options say what the server is like. The zero value is a server that lets Server.ClientKey in.
type Options struct {
	// Root is the folder it serves and in which sessions start; by default a new temporary one.
	Root string
	// Password, if not empty, is accepted for User. Needs libnss_wrapper.
	Password string
	// AuthorizedKey, if not empty, is accepted beside Server.ClientKey: a line as in authorized_keys.
	AuthorizedKey string
	// HostKeyTypes are the types of host key to generate: ed25519 (default), ecdsa, rsa.
	HostKeyTypes []string
	// Port is the port to listen on, for a server that comes back where another one was; by default a free one.
	Port int
	// HostKeys takes over the host keys of another server, for one that comes back after Kill.
	HostKeys []ssh.Signer
	// Certify, if set, gives each host key the certificate that the server shows for it.
	Certify func(key ssh.PublicKey) *ssh.Certificate
	// Config is added to sshd_config.
	Config string
}

// A Server is one running sshd. It stops when its test ends.
type Server struct {
	Host string // 127.0.0.1
	Port int
	User string // the account to sign in with
	Root string // what it serves; absolute remote paths start with it, relative ones start in it
	// ClientKey is a private key that may sign in, in OpenSSH's PEM form, without passphrase.
	ClientKey []byte

	t       testing.TB
	folder  string
	keys    []ssh.Signer
	command *exec.Cmd
	log     *logBuffer
	exited  chan struct{}
	frozen  []process
}

// Start starts a server and returns when it accepts connections. It skips the test (or fails it if
// CI=true) where there is no sshd, or no libnss_wrapper and the options need it.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	found := require(t)
	if options.Password != "" && found.wrapper == "" {
		giveUp(t, "password sign-in at sshd needs libnss_wrapper: run .ci/deps.d/openssh")
	}
	if os.Getuid() == 0 && found.wrapper == "" && !hasPrivilegeSeparationUser() {
		giveUp(t, "sshd started by root needs the system user sshd or libnss_wrapper: run .ci/deps.d/openssh")
	}
	s := &Server{t: t, Host: "127.0.0.1", Port: options.Port, Root: options.Root, folder: t.TempDir(), log: &logBuffer{}}
	if s.Root == "" {
		s.Root = t.TempDir()
	}
	s.prepare(found, options)
	s.start(found)
	t.Cleanup(s.Stop)
	return s
}

// Address returns host:port.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

// Fingerprint returns the SHA-256 fingerprint of the first host key, as ssh-keygen -l prints it.
func (s *Server) Fingerprint() string { return s.Fingerprints()[0] }

// Fingerprints returns the fingerprints of all host keys, in the order of Options.HostKeyTypes.
func (s *Server) Fingerprints() []string {
	var all []string
	for _, key := range s.keys {
		all = append(all, ssh.FingerprintSHA256(key.PublicKey()))
	}
	return all
}

// HostKeys returns the host keys, for another server that shall look like this one.
func (s *Server) HostKeys() []ssh.Signer { return s.keys }

// Path returns the remote path of a file in Root.
func (s *Server) Path(elements ...string) string {
	return filepath.Join(append([]string{s.Root}, elements...)...)
}

// WriteFile writes a file below Root, making its folder.
func (s *Server) WriteFile(name string, content []byte) {
	s.t.Helper()
	path := s.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // sshd may run as another user
		s.t.Fatal(err)
	}
}

// Log returns what sshd has logged so far.
func (s *Server) Log() string { return s.log.String() }

func (s *Server) start(found installation) {
	s.t.Helper()
	s.command = exec.Command(found.sshd, "-D", "-e", "-f", filepath.Join(s.folder, "sshd_config"))
	s.command.Env = append(os.Environ(), found.environment()...)
	s.command.Env = append(s.command.Env, s.wrapperEnvironment(found)...)
	s.command.Stderr = s.log
	s.command.Stdout = s.log
	s.command.SysProcAttr = diesWithUs()
	s.exited = make(chan struct{})
	started := make(chan error, 1)
	go func() {
		// Where the kernel ends sshd when we die, "we" is this thread: it has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(s.exited)
		err := s.command.Start()
		started <- err
		if err == nil {
			_ = s.command.Wait() // its error is the signal we sent; a start that failed shows in the log
		}
	}()
	if err := <-started; err != nil {
		s.t.Fatalf("starting sshd: %v", err)
	}
	s.awaitBanner()
}

// awaitBanner returns when the server greets. The greeting matters, not the accepted connection:
// another process could have taken the port between choosing and listening.
func (s *Server) awaitBanner() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		if s.greets(ctx) {
			return
		}
		select {
		case <-retry.C:
		case <-s.exited:
			s.t.Fatalf("sshd ended at once:\n%s", s.log)
		case <-ctx.Done():
			s.t.Fatalf("sshd does not answer after %v:\n%s", startLimit, s.log)
		}
	}
}

func (s *Server) greets(ctx context.Context) bool {
	return strings.Contains(s.log.String(), "Server listening on") && s.answers(ctx)
}

// answers tells whether what listens at the address greets as SSH does.
func (s *Server) answers(ctx context.Context) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address())
	if err != nil {
		return false
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // without it the read below has no limit, nothing worse
	}
	greeting := make([]byte, 8)
	n, err := conn.Read(greeting)
	return err == nil && bytes.HasPrefix(greeting[:n], []byte("SSH-"))
}

func hasPrivilegeSeparationUser() bool {
	_, err := user.Lookup("sshd")
	return err == nil
}

// logBuffer collects sshd's output while it runs.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
