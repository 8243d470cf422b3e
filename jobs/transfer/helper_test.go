package transfer_test

import (
	"crypto/rand"
	"testing"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// endpoint returns how to reach a test server with its own key.
func endpoint(server *sshdtest.Server) transfer.Endpoint {
	return transfer.Endpoint{
		Host: server.Host, Port: server.Port, User: server.User,
		HostKeys: []string{server.Fingerprint()},
		Auth:     transfer.Auth{PrivateKey: transfer.Secret(server.ClientKey)},
	}
}

// dial connects, failing the test if that fails, and closes at its end.
func dial(t *testing.T, endpoint transfer.Endpoint) *transfer.Client {
	t.Helper()
	client, err := transfer.Dial(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// list returns all files of a folder.
func list(t *testing.T, client *transfer.Client, options transfer.ListOptions) transfer.Listing {
	t.Helper()
	listing, err := client.List(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return listing
}

// only returns the one file of a listing.
func only(t *testing.T, client *transfer.Client, folder string) transfer.RemoteFile {
	t.Helper()
	files := list(t, client, transfer.ListOptions{Folder: folder}).Files
	if len(files) != 1 {
		t.Fatalf("the folder has %d files, want 1", len(files))
	}
	return files[0]
}

// randomBytes returns n bytes that compress to nothing and repeat nowhere.
func randomBytes(n int) []byte {
	content := make([]byte, n)
	_, _ = rand.Read(content) // never fails
	return content
}

// wantCode fails the test unless err has a code and is permanent or not.
func wantCode(t *testing.T, err error, code string, permanent bool) {
	t.Helper()
	if transfer.Code(err) != code || transfer.Permanent(err) != permanent {
		t.Fatalf("error %v: code %q, permanent %v; want %q, %v", err, transfer.Code(err), transfer.Permanent(err), code, permanent)
	}
}

// servePartner starts a partner in this process that is called demo.
func servePartner(t *testing.T, options simulator.Options) *simulator.Server {
	t.Helper()
	options.User = "demo"
	partner, err := simulator.Serve(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := partner.Close(); err != nil {
			t.Error(err)
		}
	})
	return partner
}

func partnerEndpoint(partner *simulator.Server, password transfer.Secret) transfer.Endpoint {
	return transfer.Endpoint{
		Host: partner.Host, Port: partner.Port, User: partner.User,
		HostKeys: []string{partner.Fingerprint()},
		Auth:     transfer.Auth{Password: password},
	}
}
