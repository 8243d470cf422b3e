package transfer_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestProbeAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		partner.mkdir(t, "in")
		steps := transfer.TestAll(t.Context(), partner.endpoint, transfer.TestFolders{Push: []string{partner.path("in"), partner.path("missing")}})
		var last []string
		for _, s := range steps[7:] {
			last = append(last, s.Name+" "+s.State)
		}
		want := []string{
			"write ok", "rename ok", "read_back ok", "delete ok",
			"write failed", "rename skipped", "read_back skipped", "delete skipped",
		}
		if !slices.Equal(last, want) {
			t.Errorf("steps %v, want %v", last, want)
		}
		if failed := steps[11]; failed.Code != "transfer.folder_missing" || failed.Remedy == "" {
			t.Errorf("the failed step: %+v", failed)
		}
		if left := partner.names(t, "in"); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestProbeCleansUp: where one step is not possible, nothing stays.
func TestProbeCleansUp(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -P rename,posix-rename"})
	if err := os.Mkdir(server.Path("in"), 0o755); err != nil {
		t.Fatal(err)
	}
	steps := transfer.TestAll(t.Context(), endpoint(server), transfer.TestFolders{Push: []string{server.Path("in")}})
	if failed := steps[8]; failed.Name != transfer.StepRename || failed.Code != "transfer.permission_denied" {
		t.Errorf("the step %+v, want rename to be denied", failed)
	}
	left, err := os.ReadDir(server.Path("in"))
	if err != nil || len(left) != 0 {
		t.Errorf("%d files left behind (%v)", len(left), err)
	}
}

// TestProbeWithoutSignIn: what comes after a failed step is named and skipped.
func TestProbeWithoutSignIn(t *testing.T) {
	t.Parallel()
	target := transfer.Endpoint{Host: "127.0.0.1", Port: 1, User: "us", Auth: transfer.Auth{Password: "p"}}
	steps := transfer.TestAll(t.Context(), target, transfer.TestFolders{Pull: []string{"out"}, Push: []string{"in"}})
	var names []string
	for _, s := range steps {
		names = append(names, s.Name)
		if want := s.Name == "tcp"; (s.State == transfer.StateFailed) != want {
			t.Errorf("step %+v", s)
		}
	}
	if got := strings.Join(names, " "); got != "settings dns tcp ssh host_key sign_in sftp list write rename read_back delete" {
		t.Errorf("steps %s", got)
	}
}
