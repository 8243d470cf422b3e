package door_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ediport/ediport/portal/door"
)

// The server's own limits are over at once: only a request that was given time comes in and is answered.
func TestAFileIsGivenTimeToComeInAndToBeAnswered(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := door.TakesFile(w); err != nil {
			t.Error(err)
		}
		n, err := io.Copy(w, r.Body)
		if n != 1<<20 || err != nil {
			t.Errorf("%d bytes came in: %v", n, err)
		}
	}))
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout, server.Config.WriteTimeout = time.Minute, time.Nanosecond, time.Nanosecond
	server.Start()
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, bytes.NewReader(make([]byte, 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if n, err := io.Copy(io.Discard, answer.Body); n != 1<<20 || err != nil {
		t.Errorf("%d bytes came back: %v", n, err)
	}
}
