package transfer_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
)

// hostile is a server that lists what it likes: the names given, and, if endless, entries without end.
type hostile struct {
	names   []string
	endless bool
}

type entry string

func (e entry) Name() string     { return string(e) }
func (entry) Size() int64        { return 1 }
func (entry) Mode() fs.FileMode  { return 0o644 }
func (entry) ModTime() time.Time { return april }
func (entry) IsDir() bool        { return false }
func (entry) Sys() any           { return nil }

func (h hostile) Filelist(*sftp.Request) (sftp.ListerAt, error) { return h, nil }
func (h hostile) Fileread(*sftp.Request) (io.ReaderAt, error)   { return nil, sftp.ErrSSHFxFailure }

func (h hostile) Filewrite(*sftp.Request) (io.WriterAt, error) { return nil, sftp.ErrSSHFxFailure }
func (h hostile) Filecmd(*sftp.Request) error                  { return sftp.ErrSSHFxFailure }
func (h hostile) RealPath(path string) (string, error)         { return path, nil }
func (h hostile) ListAt(into []os.FileInfo, at int64) (int, error) {
	if h.endless {
		for i := range into {
			into[i] = entry(strings.Repeat("x", 200))
		}
		return len(into), nil
	}
	n := 0
	for ; n < len(into) && int(at)+n < len(h.names); n++ {
		into[n] = entry(h.names[int(at)+n])
	}
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

// serve starts the server and returns how to reach it.
func (h hostile) serve(t *testing.T) transfer.Endpoint {
	t.Helper()
	return serveFiles(t, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h})
}

// serveFiles starts a server of these files and returns how to reach it.
func serveFiles(t *testing.T, files sftp.Handlers) transfer.Endpoint {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(key)
	host, port := listen(t, func(conn net.Conn) {
		_, channels, requests, err := ssh.NewServerConn(conn, config)
		if err != nil {
			return
		}
		go ssh.DiscardRequests(requests)
		for offered := range channels {
			channel, requests, err := offered.Accept()
			if err != nil {
				return
			}
			go func() {
				for request := range requests {
					_ = request.Reply(true, nil) // the client sees a lost connection itself
				}
			}()
			go func() {
				server := sftp.NewRequestServer(channel, files)
				_ = server.Serve() // ends with the client
			}()
		}
	})
	return transfer.Endpoint{
		Host: host, Port: port, User: "u", Auth: transfer.Auth{Password: "p"},
		HostKeys: []string{ssh.FingerprintSHA256(key.PublicKey())},
	}
}

func TestListedNamesStayInTheFolder(t *testing.T) {
	t.Parallel()
	names := []string{"good.835", "", ".", "..", "/", "a\x00b", "../../etc/passwd", "/etc/shadow", "sub/", "x/../../y", "\x1b]0;title\x07"}
	client := dial(t, hostile{names: names}.serve(t))
	listing := list(t, client, transfer.ListOptions{Folder: "/out", Temporary: true, Depth: 9})
	for _, file := range listing.Files {
		if strings.ContainsAny(file.Name, "/\x00") || file.Path != "/out/"+file.Name || strings.Trim(file.Name, ".") == "" {
			t.Errorf("the name %q leads to %q", file.Name, file.Path)
		}
	}
	if listing.BadNames == 0 || len(listing.Files) == 0 {
		t.Errorf("%d bad names, %d files", listing.BadNames, len(listing.Files))
	}
}

func TestANameListedTwiceIsOneFile(t *testing.T) {
	t.Parallel()
	client := dial(t, hostile{names: []string{"a.835", "b.835", "a.835"}}.serve(t))
	listing := list(t, client, transfer.ListOptions{Folder: "/out"})
	if len(listing.Files) != 2 || listing.Repeated != 1 {
		t.Errorf("%d files, %d repeated; want 2 and 1", len(listing.Files), listing.Repeated)
	}
}

func TestEndlessListingEnds(t *testing.T) {
	t.Parallel()
	endpoint := hostile{endless: true}.serve(t)
	endpoint.Limits.ListingBytes = 8 << 20
	client := dial(t, endpoint)
	err := within(t, func() error {
		_, err := client.List(t.Context(), transfer.ListOptions{Folder: "/out"})
		return err
	})
	wantCode(t, err, "transfer.listing_too_large", true)
}
