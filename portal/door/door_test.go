package door_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/door"
)

func newDoor(t *testing.T, log io.Writer) *door.Door {
	t.Helper()
	d, err := door.New(door.Options{
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Hosts: []string{"edi.example.org:443", "[::1]"},
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ask(t *testing.T, h http.Handler, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://edi.example.org/", nil)
	change(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, remote, forwarded, want string }{
		{"direct", "192.0.2.1:5", "", "192.0.2.1"},
		{"a stranger's header is not believed", "192.0.2.1:5", "198.51.100.1", "192.0.2.1"},
		{"behind a proxy", "10.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"behind two proxies", "10.0.0.1:5", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"what the client made up is not believed", "10.0.0.1:5", "203.0.113.9, 198.51.100.1", "198.51.100.1"},
		{"no address in the header", "10.0.0.1:5", "unknown", "10.0.0.1"},
		{"proxy without header", "10.0.0.1:5", "", "10.0.0.1"},
		{"IPv6", "[2001:db8::1]:5", "", "2001:db8::1"},
		{"IPv4 in IPv6", "10.0.0.1:5", "::ffff:198.51.100.1", "198.51.100.1"},
	} {
		var got string
		h := newDoor(t, io.Discard).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = door.FromContext(r.Context()).Address }))
		ask(t, h, func(r *http.Request) {
			r.RemoteAddr = c.remote
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
		})
		if got != c.want {
			t.Errorf("%s: address %q, want %q", c.rule, got, c.want)
		}
	}
}

func TestPanicBecomesAnIncidentWithoutItsText(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	h := newDoor(t, &log).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("SENTINEL of a patient") }))
	w := ask(t, h, func(*http.Request) {})
	incident := regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}`).FindString(w.Body.String())
	if w.Code != http.StatusInternalServerError || incident == "" {
		t.Errorf("a panic: %d %q, want 500 with an incident", w.Code, w.Body)
	}
	if strings.Contains(log.String()+w.Body.String(), "SENTINEL") {
		t.Error("the panic's text is shown or logged")
	}
	if !strings.Contains(log.String(), incident) || !strings.Contains(log.String(), "panic_type=string") || !strings.Contains(log.String(), "door_test.go") {
		t.Errorf("the log names not incident, type and place: %s", log.String())
	}
}

func TestCallTurnsPanicsIntoErrors(t *testing.T) {
	t.Parallel()
	var zero *http.Request
	err := door.Call(func() error { _ = zero.Host; return nil })
	p, ok := err.(*door.PanicError) //nolint:errorlint // Call returns it as it is
	if !ok || !strings.Contains(p.Type, "runtime") || len(p.Stack) == 0 {
		t.Errorf("Call = %v, want a PanicError with its type and place", err)
	}
	if err := door.Call(func() error { return io.EOF }); err != io.EOF { //nolint:errorlint // must be the same
		t.Errorf("Call = %v, want the function's own error", err)
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	h := newDoor(t, io.Discard).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"edi.example.org": 200, "EDI.example.org:8080": 200, "edi.example.org.": 200, "[::1]:80": 200, "": 421, "example.org": 421, "edi.example.org.evil.example": 421,
	} {
		if w := ask(t, h, func(r *http.Request) { r.Host = host }); w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
	if _, err := door.New(door.Options{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a door without host names opens")
	}
}
