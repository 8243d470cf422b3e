package transfer_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// stepNames are the steps of a test of one folder.
var stepNames = []string{"settings", "dns", "tcp", "ssh", "host_key", "sign_in", "sftp", "list"}

// wantSteps checks that everything before the step broken went well, that it failed with a code, a
// sentence and a remedy, and that the rest was skipped.
func wantSteps(t *testing.T, steps []transfer.Step, broken, code string) {
	t.Helper()
	if len(steps) != len(stepNames) {
		t.Fatalf("%d steps, want %d: %+v", len(steps), len(stepNames), steps)
	}
	state := transfer.StateOK
	for i, step := range steps {
		want := state
		if step.Name == broken {
			want, state = transfer.StateFailed, transfer.StateSkipped
			if step.Code != code || step.Sentence == "" || step.Remedy == "" || step.Err == nil {
				t.Errorf("step %s failed with %+v, want code %s, a sentence and a remedy", broken, step, code)
			}
		}
		if step.Name != stepNames[i] || step.State != want || (want == transfer.StateOK && step.Sentence == "") {
			t.Errorf("step no. %d is %+v, want %s %s", i+1, step, stepNames[i], want)
		}
	}
}

func TestStepsAtOpenSSH(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", nil)
	stranger, _ := newKey(t, "")
	folder := server.Path("out")
	for name, c := range map[string]struct {
		change       func(*transfer.Endpoint)
		folder       string
		broken, code string
	}{
		"all well":        {func(*transfer.Endpoint) {}, folder, "", ""},
		"no user":         {func(e *transfer.Endpoint) { e.User = "" }, folder, "settings", "transfer.endpoint_invalid"},
		"unreadable key":  {func(e *transfer.Endpoint) { e.Auth.PrivateKey = "x" }, folder, "settings", "transfer.private_key_unreadable"},
		"unknown name":    {func(e *transfer.Endpoint) { e.Host = "no-such-host.invalid" }, folder, "dns", "transfer.host_not_found"},
		"nobody listens":  {func(e *transfer.Endpoint) { e.Port = 1 }, folder, "tcp", "transfer.connect_failed"},
		"other host key":  {func(e *transfer.Endpoint) { e.HostKeys = []string{someFingerprint} }, folder, "host_key", "transfer.host_key_changed"},
		"no host key yet": {func(e *transfer.Endpoint) { e.HostKeys = nil }, folder, "host_key", "transfer.host_key_unknown"},
		"wrong key":       {func(e *transfer.Endpoint) { e.Auth.PrivateKey = stranger }, folder, "sign_in", "transfer.auth_failed"},
		"no such folder":  {func(*transfer.Endpoint) {}, folder + "/missing", "list", "transfer.folder_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := endpoint(server)
			c.change(&target)
			steps := transfer.Test(t.Context(), target, c.folder)
			wantSteps(t, steps, c.broken, c.code)
			if c.broken == "host_key" && !strings.HasSuffix(steps[4].HostKey, server.Fingerprint()) {
				t.Errorf("step %+v does not offer the key for approval", steps[4])
			}
			if c.broken == "" && !strings.Contains(steps[3].Sentence, "OpenSSH") {
				t.Errorf("step %+v does not name the server's version", steps[3])
			}
		})
	}
}

func TestStepSSHFails(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: "KexAlgorithms diffie-hellman-group1-sha1"})
	wantSteps(t, transfer.Test(t.Context(), endpoint(server), "."), "ssh", "transfer.no_common_algorithm")
}

func TestStepSFTPFails(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand /bin/false"})
	wantSteps(t, transfer.Test(t.Context(), endpoint(server), "."), "sftp", "transfer.sftp_unavailable")
}

func TestStepsDontTellThePassword(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	target := partnerEndpoint(partner, "hunter2-wrong")
	for _, step := range transfer.Test(t.Context(), target, ".") {
		if strings.Contains(step.Sentence+step.Remedy, "hunter2") {
			t.Errorf("step %s tells the password", step.Name)
		}
	}
	if partner.Attempts()["password"] != 1 {
		t.Fatal("the password was not tried: the test shows nothing")
	}
}
