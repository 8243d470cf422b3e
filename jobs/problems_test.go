package jobs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
)

// TestEveryCodeIsExplained reads the sources: no code may reach a person without a sentence.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`"((?:run|pull|transfer|connection|schedule|archive|ingest|file|job|push|purge|outbound|partner|wrap|calendar)\.[a-z_]+)"`)
	failpoints := regexp.MustCompile(`failpoint\.[A-Z]\w+\("[a-z._]+"`) // their names are for tests only
	notCodes := map[string]bool{                                        // names of acts in the audit and of failpoints
		"connection.added": true, "connection.changed": true, "connection.paused": true, "connection.resumed": true,
		"connection.deleted": true, "connection.tested": true, "connection.host_key_approved": true, "connection.host_keys_removed": true,
		"calendar.added": true, "calendar.changed": true, "calendar.deleted": true,
		"schedule.added": true, "schedule.changed": true, "schedule.paused": true, "schedule.resumed": true, "schedule.deleted": true,
		"connection.key_generated": true, "connection.credential_added": true, "connection.credential_promoted": true, "connection.credential_removed": true, "connection.secrets_replaced": true,
		"job.retried": true, "job.discarded": true, "job.cancelled": true,
		"run.requested": true, "pull.claimed": true, "pull.stored": true, "pull.committed": true,
		"push.sending": true, "push.uploaded": true, "push.renamed": true, "push.idle": true,
		"file.sent_again": true, "file.confirmed_sent": true, "file.voided": true, "file.handed_in": true, "file.purged": true, "purge.finished": true, "purge.committed": true, "file.taken_in": true, "partner.added": true, "partner.changed": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(files, "transfer/errors.go", "transfer/endpoint.go", "wrap/errors.go") {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "problems.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(failpoints.ReplaceAllString(string(source), ""), -1) {
			found++
			if p, ok := Explain(m[1]); !notCodes[m[1]] && (!ok || p.Sentence == "") {
				t.Errorf("%s: code %s is not explained", file, m[1])
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d codes found, the search must be wrong", found)
	}
}

func TestProblemsAgreeWithErrors(t *testing.T) {
	t.Parallel()
	for code, p := range Problems() {
		if p.Code != code || p.Sentence == "" {
			t.Errorf("%s: %+v", code, p)
		}
		if p.Retry && p.Next == "" {
			t.Errorf("%s is tried again, but says nothing about what a person should do", code)
		}
	}
	if p, ok := Explain("no.such_code"); ok || p.Sentence == "" {
		t.Errorf("an unknown code is explained as %+v, %v", p, ok)
	}
	for _, err := range []error{transfer.ErrAuth, transfer.ErrHostKeyChanged, ErrConnectionPaused, ErrSecrets} {
		if p, _ := Explain(Code(err)); p.Retry || !Permanent(err) {
			t.Errorf("%v: permanent %v, but the table says retry %v", err, Permanent(err), p.Retry)
		}
	}
	for _, err := range []error{transfer.ErrLost, transfer.ErrTimeout, ErrFilesFailed, ErrArchive} {
		if p, _ := Explain(Code(err)); !p.Retry || Permanent(err) {
			t.Errorf("%v: permanent %v, but the table says retry %v", err, Permanent(err), p.Retry)
		}
	}
}
