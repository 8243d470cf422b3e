package web_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Host keys of nothing: only their fingerprints matter here.
const (
	keyA = "ssh-ed25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
	keyB = "ssh-ed25519 SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
	keyC = "ssh-ed25519 SHA256:MPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
	keyD = "ssh-ed25519 SHA256:NPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
)

// pinnedForm is a connection through a jump host with two host keys, and two of the jump host.
func pinnedForm(change ...string) []string {
	form := connectionForm("host_keys", keyA+"\n"+keyB, "network.jump.host", "jump.example.org", "network.jump.user", "u",
		"jump_password", "SENTINEL-SECRET", "network.jump.host_keys", keyC+"\n"+keyD)
	for i := 0; i+1 < len(change); i += 2 {
		form = replace(form, change[i], change[i+1])
	}
	return form
}

// hostKeysOf returns what is pinned for the connection at a path, and its version.
func hostKeysOf(t *testing.T, s *webtest.Site, connection string) (keys jobs.HostKeys, version int) {
	t.Helper()
	id, err := s.DB.PublicIDs().Parse(storage.PublicConnection, strings.TrimPrefix(connection, "/connections/"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.DB.InScopeRead(t.Context(), storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}, func(tx *storage.Tx) error {
		c, err := tx.Connection(t.Context(), storage.ConnectionID(id))
		if err != nil {
			return err
		}
		version = c.Version
		keys, err = jobs.HostKeysOf(c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, version
}

func sameKeys(a, b jobs.HostKeys) bool {
	return slices.Equal(a.Server, b.Server) && slices.Equal(a.Jump, b.Jump)
}

// Changing a connection's settings is no way round the second person.
func TestSettingsAreNoWayRoundTheSecondPerson(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.New(t)
	ada := s.SignedIn(t, s.Administrator)
	connection := path(t, ada.Post("/connections", pinnedForm()...), "/connections/con_")
	before, _ := hostKeysOf(t, s, connection)
	for name, change := range map[string]struct {
		field string
		form  []string
	}{
		"a key beside them":                 {"host_keys", []string{"host_keys", keyA + "\n" + keyB + "\n" + keyC}},
		"an authority for keys":             {"host_keys", []string{"host_keys", keyA + "\ncert-authority " + strings.TrimPrefix(keyB, "ssh-ed25519 ")}},
		"another key":                       {"host_keys", []string{"host_keys", keyC}},
		"no key, so that the next is first": {"host_keys", []string{"host_keys", ""}},
		"another server with its key":       {"host_keys", []string{"host", "other.example.org", "host_keys", keyC}},
		"a key beside the jump host's":      {"network.jump.host_keys", []string{"network.jump.host_keys", keyC + "\n" + keyD + "\n" + keyA}},
		"another key of the jump host":      {"network.jump.host_keys", []string{"network.jump.host_keys", keyA}},
		"no key of the jump host":           {"network.jump.host_keys", []string{"network.jump.host_keys", ""}},
		"another jump host with its key":    {"network.jump.host_keys", []string{"network.jump.host", "other.example.org", "network.jump.host_keys", keyA}},
		"no jump host":                      {"network.jump.host_keys", []string{"network.jump.host", ""}},
	} {
		for _, button := range []string{"save", "test"} {
			a := ada.Post(connection, append(pinnedForm(change.form...), "version", "1", button, "yes")...)
			if got, version := hostKeysOf(t, s, connection); !sameKeys(got, before) || version != 1 {
				t.Fatalf("%s (%s): %v is pinned by one person's word", name, button, got)
			}
			said := html.UnescapeString(a.Body)
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(said, "second person") || !strings.Contains(said, `id="`+change.field+`-error"`) {
				t.Errorf("%s (%s): %d, and not at %s: %s", name, button, a.Status, change.field, errorsOf(a.Body))
			}
		}
	}
	path(t, ada.Post(connection, append(pinnedForm("host_keys", keyB, "network.jump.host_keys", keyD, "host", "localhost"), "version", "1")...), connection)
	if got, _ := hostKeysOf(t, s, connection); !sameKeys(got, jobs.HostKeys{Server: []string{keyB}, Jump: []string{keyD}}) {
		t.Errorf("taking keys away and moving the server: %v", got)
	}
}

// askFor asks for host keys of a connection on their page and returns the path of the request.
func askFor(t *testing.T, s *webtest.Site, by *webtest.Client, connection string, keys jobs.HostKeys) string {
	t.Helper()
	_, version := hostKeysOf(t, s, connection)
	a := by.Post(connection+"/host-keys", "version", strconv.Itoa(version), "reason", "told by telephone",
		"host_keys", strings.Join(keys.Server, "\n"), "network.jump.host_keys", strings.Join(keys.Jump, "\n"))
	if !strings.Contains(a.Location, "approval-requested") {
		t.Fatalf("asking for %v: %d to %q: %s", keys, a.Status, a.Location, errorsOf(a.Body))
	}
	return regexp.MustCompile(`/approvals/apv_[0-9a-z]+`).FindString(by.Get("/approvals").Body)
}

// What a person may do to host keys: ask for others, on a page that says what waits; take some away at once.
func TestHostKeysAreAskedForOnTheirPage(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.New(t)
	ada, bo := s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Both)
	connection := path(t, ada.Post("/connections", pinnedForm()...), "/connections/con_")
	page := html.UnescapeString(ada.Get(connection + "/host-keys").Body)
	for _, want := range []string{keyA + "\n" + keyB, keyC + "\n" + keyD, "second person", "127.0.0.1:1", "jump.example.org:22"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the host keys lacks %q", want)
		}
	}
	if a := ada.Post(connection+"/host-keys", "version", "1", "host_keys", "SHA256:short"); a.Status != http.StatusUnprocessableEntity || len(errorsOf(a.Body)) == 0 {
		t.Errorf("a key that is none: %d", a.Status)
	}
	if a := ada.Post(connection+"/host-keys", "version", "1", "host_keys", keyA, "network.jump.host_keys", keyC); !strings.Contains(a.Location, "host-keys-changed") {
		t.Errorf("taking keys away: %d to %q", a.Status, a.Location)
	}
	if a := ada.Post(connection+"/host-keys", "version", "2", "host_keys", keyB, "network.jump.host_keys", keyC); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="reason-error"`) {
		t.Errorf("asking without a reason: %d %s", a.Status, errorsOf(a.Body))
	}
	narrow := jobs.HostKeys{Server: []string{keyA}, Jump: []string{keyC}}
	for _, want := range []jobs.HostKeys{
		{Server: []string{keyB}, Jump: []string{keyD}},
		{Server: []string{}, Jump: []string{}},
	} {
		before, _ := hostKeysOf(t, s, connection)
		request := askFor(t, s, ada, connection, want)
		if got, _ := hostKeysOf(t, s, connection); !sameKeys(got, before) || !sameKeys(before, narrow) {
			t.Fatalf("asked for, %v is pinned already", got)
		}
		said := html.UnescapeString(bo.Get("/approvals").Body)
		for _, key := range append(slices.Clone(want.Server), want.Jump...) {
			if !strings.Contains(said, key) {
				t.Errorf("who decides isn't told that %s is asked for", key)
			}
		}
		if a := ada.Post(connection+"/approve", "key", keyD); a.Status != http.StatusConflict || !strings.Contains(a.Body, "waits already") {
			t.Errorf("asking for something else meanwhile: %d", a.Status)
		}
		mustDo(t, "approving", bo.Post(request+"/approve"))
		if got, _ := hostKeysOf(t, s, connection); !sameKeys(got, want) {
			t.Fatalf("approved, %v is pinned, want %v", got, want)
		}
		narrow = want
	}
	mustDo(t, "approving a first key alone", ada.Post(connection+"/approve", "key", keyA))
}

// An approval is of what was looked at: where the connection is another one by then, nothing is done.
func TestAnApprovalIsOfWhatWasLookedAt(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.New(t)
	ada, bo := s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Both)
	want := jobs.HostKeys{Server: []string{keyA, keyC}, Jump: []string{keyC, keyD}}
	for name, change := range map[string][]string{
		"another host":             {"host", "other.example.org"},
		"another port":             {"port", "2222"},
		"another jump host":        {"network.jump.host", "other.example.org"},
		"a key taken away":         {"host_keys", keyA},
		"a jump host's key, taken": {"network.jump.host_keys", keyD},
	} {
		connection := path(t, ada.Post("/connections", pinnedForm("name", name)...), "/connections/con_")
		request := askFor(t, s, ada, connection, want)
		mustDo(t, name, ada.Post(connection, append(pinnedForm(append(change, "name", name)...), "version", "1")...))
		if !strings.Contains(bo.Get("/approvals").Body, "out of date") {
			t.Errorf("%s: the list doesn't say that the request is out of date", name)
		}
		before, _ := hostKeysOf(t, s, connection)
		a := bo.Post(request + "/approve")
		if got, _ := hostKeysOf(t, s, connection); a.Status != http.StatusConflict || !strings.Contains(a.Body, "was changed or deleted since") || !sameKeys(got, before) {
			t.Errorf("%s: %d, %v is pinned", name, a.Status, got)
		}
		mustDo(t, "rejecting", bo.Post(request+"/reject"))
	}
	connection := path(t, ada.Post("/connections", pinnedForm()...), "/connections/con_")
	request := askFor(t, s, ada, connection, want)
	mustDo(t, "pausing", ada.Post(connection+"/pause", "reason", "house moving")) // says nothing about the server
	var deciding sync.WaitGroup
	var answers [4]webtest.Answer
	for i := range answers {
		by := s.SignedIn(t, s.Both)
		deciding.Go(func() { answers[i] = by.Post(request + "/approve") })
	}
	deciding.Wait()
	done := 0
	for _, a := range answers {
		if a.Status == http.StatusSeeOther {
			done++
		} else if a.Status != http.StatusConflict || !strings.Contains(a.Body, "decided") {
			t.Errorf("deciding a second time: %d", a.Status)
		}
	}
	if got, _ := hostKeysOf(t, s, connection); done != 1 || !sameKeys(got, want) {
		t.Errorf("four decisions at once: %d carried out, %v is pinned", done, got)
	}
	want.Server = []string{keyD}
	request = askFor(t, s, ada, connection, want)
	if strings.Contains(bo.Get("/approvals").Body, "out of date") {
		t.Error("a request that can be approved is called out of date")
	}
	mustDo(t, "deleting the connection", ada.Post(connection+"/delete"))
	if !strings.Contains(bo.Get("/approvals").Body, "out of date") {
		t.Error("the list doesn't say that the connection is gone")
	}
	if a := bo.Post(request + "/approve"); a.Status != http.StatusConflict || !strings.Contains(a.Body, "was changed or deleted since") {
		t.Errorf("approving for a connection that is gone: %d", a.Status)
	}
}

// Where the policy asks for nobody else, other host keys are saved with the settings.
func TestHostKeysWithoutASecondPerson(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	ada := s.SignedIn(t, s.Administrator)
	connection := path(t, ada.Post("/connections", pinnedForm()...), "/connections/con_")
	err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: s.Operator}, accounts.SecurityPolicy{TwoPerson: accounts.TwoPersonOff})
	if err != nil {
		t.Fatal(err)
	}
	mustDo(t, "another key", ada.Post(connection, append(pinnedForm("host_keys", keyC), "version", "1")...))
	mustDo(t, "none", ada.Post(connection+"/host-keys", "version", "2", "network.jump.host_keys", keyA))
	if got, _ := hostKeysOf(t, s, connection); len(got.Server) != 0 || !slices.Equal(got.Jump, []string{keyA}) {
		t.Errorf("%v is pinned", got)
	}
}
