package covers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProofsAreWritten can't run beside others: it sets the environment.
func TestProofsAreWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "proofs")
	t.Setenv(Env, file)
	t.Run("quiet", func(t *testing.T) { Rows(t, "S1") })
	t.Run("asks a handler", func(t *testing.T) {
		Rows(t, "S24", "A15")
		h := Handler(t, http.NotFoundHandler())
		t.Run("in a part", func(t *testing.T) {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		})
	})
	t.Run("asks a server", func(t *testing.T) {
		Rows(t, "H3")
		s := httptest.NewServer(http.NotFoundHandler())
		defer s.Close()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: Transport(t, nil)}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
	skipping := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^TestSkipped$")
	skipping.Env = append(os.Environ(), skipEnv+"=1")
	if out, err := skipping.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- SKIP: TestSkipped") {
		t.Fatalf("no test was skipped: %v\n%s", err, out)
	}

	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Proof{}
	for line := range strings.Lines(string(raw)) {
		var p Proof
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		got[p.Row] = p
	}
	const dir = "accounts/accountstest/covers"
	want := map[string]Proof{
		"S1":  {"S1", dir, "TestProofsAreWritten/quiet", false},
		"S24": {"S24", dir, "TestProofsAreWritten/asks_a_handler", true},
		"A15": {"A15", dir, "TestProofsAreWritten/asks_a_handler", true},
		"H3":  {"H3", dir, "TestProofsAreWritten/asks_a_server", true},
	}
	if len(got) != len(want) {
		t.Errorf("%d rows are proved, want %d: %v", len(got), len(want), got)
	}
	for row, proof := range want {
		if got[row] != proof {
			t.Errorf("%s: %+v, want %+v", row, got[row], proof)
		}
	}
}

// skipEnv has TestSkipped be skipped, in a process of its own: no list of this one's tests names it as skipped.
const skipEnv = "EDIPORT_TEST_SKIP"

// TestSkipped does something only in the process that TestProofsAreWritten starts.
func TestSkipped(t *testing.T) {
	if os.Getenv(skipEnv) != "" {
		Rows(t, "S2")
		t.Skip("a skipped test proves nothing")
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]bool{
		"S1": true, "S74": true, "A92": true, "H14": true, "C11": true,
		"": false, "S": false, "S0": false, "S75": false, "S01": false, "X1": false, "s1": false, "S1,": false, "A-1": false,
	} {
		if Known(row) != want {
			t.Errorf("Known(%q) = %v, want %v", row, !want, want)
		}
	}
}
