package sshdtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

// partner is the account that libnss_wrapper shows to sshd.
const partner = "partner"

// prepare writes keys, accounts and configuration into the server's folder.
func (s *Server) prepare(found installation, options Options) {
	s.t.Helper()
	if s.Port == 0 {
		s.Port = freePort(s)
	}
	s.User = partner
	if found.wrapper == "" {
		s.User = s.currentUser().Username
	}
	if os.Getuid() == 0 {
		// sshd changes its root to this folder before sign-in; Debian makes it at boot.
		s.must(os.MkdirAll("/run/sshd", 0o755))
	}
	config := s.config(found, options)
	s.writeHostKeys(options, config)
	s.writeAuthorizedKeys(options)
	s.writeAccounts(options)
	s.write("sshd_config", config.String())
}

func (s *Server) config(found installation, options Options) *strings.Builder {
	config := &strings.Builder{}
	line := func(format string, values ...any) { fmt.Fprintf(config, format+"\n", values...) }
	line("%s", options.Config) // first, since sshd takes the first value it meets
	line("ListenAddress 127.0.0.1:%d", s.Port)
	line("PidFile none")
	line("UsePAM no")
	line("StrictModes no")
	line("PermitRootLogin yes") // the test account has the tester's uid, which may be 0
	line("AuthorizedKeysFile %s", s.file("authorized_keys"))
	line("PasswordAuthentication %s", yesNo(options.Password != ""))
	line("KbdInteractiveAuthentication no")
	line("MaxStartups 200")
	line("Subsystem sftp internal-sftp")
	line("ForceCommand internal-sftp -d %s", s.Root)
	if found.session != "" {
		line("SshdSessionPath %s", found.session)
	}
	if found.auth != "" {
		line("SshdAuthPath %s", found.auth)
	}
	return config
}

func (s *Server) writeHostKeys(options Options, config *strings.Builder) {
	s.t.Helper()
	types := options.HostKeyTypes
	if len(types) == 0 {
		types = []string{"ed25519"}
	}
	private := hostKeysOf(options.HostKeys)
	if len(private) == 0 {
		for _, keyType := range types {
			private = append(private, s.generate(keyType))
		}
	}
	for i, key := range private {
		signer, err := ssh.NewSignerFromKey(key)
		s.must(err)
		s.keys = append(s.keys, hostKey{signer, key})
		name := fmt.Sprintf("host_key_%d", i)
		s.write(name, string(s.encode(key)))
		fmt.Fprintf(config, "HostKey %s\n", s.file(name))
		if options.Certify != nil {
			s.write(name+"-cert.pub", string(ssh.MarshalAuthorizedKey(options.Certify(signer.PublicKey()))))
			fmt.Fprintf(config, "HostCertificate %s\n", s.file(name+"-cert.pub"))
		}
	}
}

func (s *Server) writeAuthorizedKeys(options Options) {
	s.t.Helper()
	key := s.generate("ed25519")
	s.ClientKey = s.encode(key)
	signer, err := ssh.NewSignerFromKey(key)
	s.must(err)
	s.write("authorized_keys", string(ssh.MarshalAuthorizedKey(signer.PublicKey()))+options.AuthorizedKey+"\n")
}

// writeAccounts writes the user database that libnss_wrapper shows instead of the machine's: the
// test account, and the account sshd gives up its rights to before sign-in.
func (s *Server) writeAccounts(options Options) {
	s.t.Helper()
	hash := "*"
	if options.Password != "" {
		made, err := bcrypt.GenerateFromPassword([]byte(options.Password), bcrypt.MinCost)
		s.must(err)
		hash = string(made)
	}
	s.write("passwd", fmt.Sprintf("%s:x:%d:%d:test:%s:/bin/sh\nsshd:x:65533:65533:sshd:/run/sshd:/bin/false\n",
		partner, os.Getuid(), os.Getgid(), s.Root))
	s.write("group", fmt.Sprintf("%s:x:%d:\nsshd:x:65533:\n", partner, os.Getgid()))
	s.write("shadow", fmt.Sprintf("%s:%s:19000:0:99999:7:::\n", partner, hash))
}

func (s *Server) wrapperEnvironment(found installation) []string {
	if found.wrapper == "" {
		return nil
	}
	return []string{
		"LD_PRELOAD=" + found.wrapper,
		"NSS_WRAPPER_PASSWD=" + s.file("passwd"),
		"NSS_WRAPPER_GROUP=" + s.file("group"),
		"NSS_WRAPPER_SHADOW=" + s.file("shadow"),
	}
}

// hostKey keeps the private key beside its signer, so that another server can use it.
type hostKey struct {
	ssh.Signer
	private crypto.PrivateKey
}

func hostKeysOf(signers []ssh.Signer) []crypto.PrivateKey {
	var private []crypto.PrivateKey
	for _, signer := range signers {
		if key, ok := signer.(hostKey); ok {
			private = append(private, key.private)
		}
	}
	return private
}

func (s *Server) generate(keyType string) crypto.PrivateKey {
	s.t.Helper()
	var key crypto.PrivateKey
	var err error
	switch keyType {
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ecdsa":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		err = fmt.Errorf("unknown type of host key %q", keyType)
	}
	s.must(err)
	return key
}

func (s *Server) encode(key crypto.PrivateKey) []byte {
	s.t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	s.must(err)
	return pem.EncodeToMemory(block)
}

func (s *Server) file(name string) string { return filepath.Join(s.folder, name) }

func (s *Server) write(name, content string) {
	s.t.Helper()
	s.must(os.WriteFile(s.file(name), []byte(content), 0o600))
}

func (s *Server) currentUser() *user.User {
	s.t.Helper()
	current, err := user.Current()
	s.must(err)
	return current
}

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("preparing sshd: %v", err)
	}
}

// freePort returns a port on which nobody listens, for a program that can't choose one itself. It is below those that systems give
// to whoever asks for any, to connections, too: one of these may be taken again before the program listens.
func freePort(s *Server) int {
	s.t.Helper()
	const from, to = 20_000, 32_000
	for range 100 {
		port := from + mathrand.IntN(to-from) //nolint:gosec // no secret
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			s.must(listener.Close())
			return port
		}
	}
	s.t.Fatal("of a hundred ports none is free")
	return 0
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
