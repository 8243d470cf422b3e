package web_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// A walker is a person on the way through all routes.
type walker struct {
	t       *testing.T
	w       *walktest.World
	person  walktest.Person
	client  *webtest.Client
	asked   int
	unknown map[string]webtest.Answer // what an id that doesn't exist is answered with, by route
}

func newWalker(t *testing.T, w *walktest.World, p walktest.Person) *walker {
	t.Helper()
	return &walker{t: t, w: w, person: p, client: w.SignedIn(t, p.Login), unknown: map[string]webtest.Answer{}}
}

// ask visits a route with an id in its blanks, and looks for what the person must not see.
func (v *walker) ask(pattern string, blanks []walktest.Blank, id func(kind string) string, pairs ...string) webtest.Answer {
	v.t.Helper()
	method, path := walktest.Fill(pattern, blanks, id)
	v.asked++
	var a webtest.Answer
	if method == http.MethodPost {
		a = v.client.Post(path, pairs...)
	} else {
		a = v.client.Get(path)
	}
	if a.Status >= http.StatusInternalServerError {
		v.t.Errorf("%s by %s: %d", pattern, v.person.Login, a.Status)
	}
	if found := v.w.Leak(v.person, a.Body+a.Location); found != "" {
		v.t.Errorf("%s by %s: the answer (%d) holds %q of somebody else", pattern, v.person.Login, a.Status, found)
	}
	if strings.HasPrefix(a.Location, "/sign-in") || a.Status == http.StatusUnauthorized {
		v.again()
	}
	return a
}

// again signs the person in after an act that ended his session, locked him or put him out.
func (v *walker) again() {
	v.t.Helper()
	ctx := v.t.Context()
	id, err := v.w.Accounts.UserByLogin(ctx, v.person.Login)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = v.w.Accounts.Enable(ctx, accountstest.Actor, id) // fails for who is in
	if err := v.w.Accounts.Unlock(ctx, accountstest.Actor, id); err != nil {
		v.t.Fatal(err)
	}
	v.client = v.w.Client(v.t)
	v.client.UseSession(v.w.SignIn(v.t, v.person.Login).Token)
}

// same fails the test if an id of somebody else is answered otherwise than one that doesn't exist. Who may not use the
// route at all is turned away before the id is looked at.
func (v *walker) same(pattern string, blanks []walktest.Blank, what, kind, id string) {
	v.t.Helper()
	if id == "" {
		return
	}
	unknown := v.w.Unknown(blanks[len(blanks)-1].Kind)
	want, known := v.unknown[pattern]
	if !known {
		want = v.ask(pattern, blanks, func(string) string { return unknown })
		v.unknown[pattern] = want
	}
	if want.Status == http.StatusForbidden && kind != blanks[len(blanks)-1].Kind {
		return
	}
	got := v.ask(pattern, blanks, func(string) string { return id })
	if got.Status == http.StatusNotFound && kind != blanks[len(blanks)-1].Kind {
		return // an id of another kind isn't even looked for
	}
	if got.Status != want.Status || strings.ReplaceAll(got.Location, id, unknown) != want.Location ||
		walktest.Comparable(got.Body, id) != walktest.Comparable(want.Body, unknown) {
		v.t.Errorf("%s by %s: %s %s answers %d, an unknown one %d", pattern, v.person.Login, what, kind, got.Status, want.Status)
	}
	if got.Status < http.StatusMultipleChoices {
		v.t.Errorf("%s by %s: %s %s answers %d", pattern, v.person.Login, what, kind, got.Status)
	}
}

// TestWalkByPage asks every route as a person of every role with ids of every kind that belong to somebody else:
// they are answered like ids that never were, and nothing of the others shows or changes.
func TestWalkByPage(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A45", "A46", "A48", "A54", "H1")
	w := walktest.New(t)
	kinds := walktest.Kinds(t)
	routes := slices.Sorted(maps.Keys(web.RoutePatterns()))
	foreign, nextDoor := map[string]string{}, map[string]string{}
	for _, kind := range kinds {
		foreign[kind], nextDoor[kind] = w.Foreign(t, kind), w.NextDoor(t, kind)
	}
	before := w.Snapshot(t)
	asked := 0
	for _, person := range w.People {
		v := newWalker(t, w, person)
		for _, pattern := range routes {
			blanks := walktest.Blanks(t, pattern)
			if len(blanks) == 0 {
				if strings.HasPrefix(pattern, http.MethodGet) {
					v.ask(pattern, nil, nil)
				}
				continue
			}
			own := blanks[len(blanks)-1].Kind
			v.same(pattern, blanks, "a foreign", own, foreign[own])
			if !person.Operator && slices.Contains(walktest.ByAccount, own) {
				v.same(pattern, blanks, "the next door's", own, nextDoor[own])
			}
			if person.Login == w.All.Login && strings.HasPrefix(pattern, http.MethodGet) {
				for _, kind := range kinds {
					v.same(pattern, blanks, "a foreign", kind, foreign[kind])
				}
			}
		}
		asked += v.asked
	}
	unchanged(t, w, before)
	if asked < 1500 {
		t.Errorf("%d requests, want a walk of at least 1500", asked)
	}
	seesItsOwn(t, w, routes)
	w.Server.Close()
	if log := w.Log.String(); len(log) < 10_000 || strings.Contains(strings.ToUpper(log), walktest.Mark) {
		t.Errorf("the log of the walk, at its finest, has %d characters, and holds a name: %v", len(log), strings.Contains(strings.ToUpper(log), walktest.Mark))
	}
}

// seesItsOwn makes sure that the walk could have found something: who belongs there gets each page, with its names.
func seesItsOwn(t *testing.T, w *walktest.World, routes []string) {
	t.Helper()
	v := newWalker(t, w, w.Stranger)
	seen := 0
	for _, pattern := range routes {
		blanks := walktest.Blanks(t, pattern)
		if len(blanks) == 0 || !strings.HasPrefix(pattern, "GET ") || walktest.Waits(pattern) || strings.HasPrefix(pattern, "GET /mailbox/") { // there is a mailbox in demos only
			continue
		}
		missing := false
		a := v.ask(pattern, blanks, func(kind string) string {
			id := w.Foreign(t, kind)
			missing = missing || id == "" // tell package walktest how to make one
			return id
		})
		if missing || a.Status != http.StatusOK && a.Status != http.StatusSeeOther {
			t.Errorf("%s by the owner of what is asked for: %d (a sample is missing: %v), want 200", pattern, a.Status, missing)
		}
		if strings.Contains(strings.ToUpper(a.Body), walktest.Mark) {
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("the mark of operator two shows on %d pages, want it on at least 10", seen)
	}
}

func unchanged(t *testing.T, w *walktest.World, before map[string]string) {
	t.Helper()
	for at, digest := range w.Snapshot(t) {
		if before[at] != digest {
			t.Errorf("rows of operator two were changed: %s", at)
		}
	}
}

// references are the fields of forms and URLs that name something, as the source reads them.
var references = regexp.MustCompile(`\.id\("([a-z_]+)", storage\.(Public\w+)`)

// TestWalkWithForeignReferences sends every form and every filter with ids of somebody else in its fields.
func TestWalkWithForeignReferences(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A46", "A48", "A49")
	w := walktest.New(t)
	before := w.Snapshot(t)
	fields := map[string]string{ // by name: an id of somebody else
		"account": w.Foreign(t, storage.PublicAccount), "connection": w.Foreign(t, storage.PublicConnection), "target": w.Foreign(t, storage.PublicConnection),
		"calendar": w.Foreign(t, storage.PublicCalendar), "user": w.Foreign(t, storage.PublicUser), "operator": w.Foreign(t, storage.PublicOperator),
		"partner": w.Foreign(t, storage.PublicPartner), "place": w.Foreign(t, storage.PublicAccount), "person": w.Foreign(t, storage.PublicUser),
		"organization": w.Foreign(t, storage.PublicAccount), "id": w.Foreign(t, storage.PublicFile), "account_id": w.Foreign(t, storage.PublicAccount),
		"operator_id": w.Foreign(t, storage.PublicOperator), "user_id": w.Foreign(t, storage.PublicUser),
	}
	filters := filterFields(t)
	other, err := w.Accounts.UserByLogin(t.Context(), w.People[len(w.People)-1].Login)
	if err != nil {
		t.Fatal(err)
	}
	v := newWalker(t, w, w.All)
	form := []string{
		"name", "Walked", "reason", "walked", "note", "walked", "pattern", "times", "times", "06:30", "days", "1-5", "zone", "America/New_York", "missed", "once",
		"role", "administrator", "login", "Walked.Person", "email", "walked@example.org", "minutes", "10",
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		form = append(form, name, fields[name])
	}
	for _, pattern := range slices.SortedFunc(maps.Keys(web.RoutePatterns()), endsLast) {
		blanks := walktest.Blanks(t, pattern)
		own := func(kind string) string {
			if kind == storage.PublicUser {
				return w.DB.PublicIDs().Format(kind, int64(other)) // what is done to people must not end the walk
			}
			return w.Own(t, kind)
		}
		if walktest.Waits(pattern) {
			own = w.Unknown
		}
		if strings.HasPrefix(pattern, "POST ") {
			if a := v.ask(pattern, blanks, own, form...); a.Status == http.StatusSeeOther {
				v.client.Get(a.Location) // what was made shows there
			}
			continue
		}
		for name, kind := range filters {
			method, path := walktest.Fill(pattern, blanks, own)
			v.ask(method+" "+path+"?"+name+"="+w.Foreign(t, kind), nil, nil)
		}
	}
	unchanged(t, w, before)
}

var ends = regexp.MustCompile(`delete|void|discard|/end|revoke|sign-out|cancel|close`)

// endsLast sorts what ends things behind the rest.
func endsLast(a, b string) int {
	rank := func(pattern string) int {
		if ends.MatchString(pattern) {
			return 1
		}
		return 0
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// filterFields reads the names of filters that take an id, and the kind of each, from the source.
func filterFields(t *testing.T) map[string]string {
	t.Helper()
	byName := map[string]string{
		"PublicAccount": storage.PublicAccount, "PublicFile": storage.PublicFile, "PublicPartner": storage.PublicPartner, "PublicConnection": storage.PublicConnection,
		"PublicRun": storage.PublicRun, "PublicSet": storage.PublicSet, "PublicSchedule": storage.PublicSchedule, "PublicUser": storage.PublicUser,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range references.FindAllStringSubmatch(string(text), -1) {
			kind, ok := byName[m[2]]
			if !ok {
				t.Errorf("%s: the filter %q takes a %s, of which the walk knows no sample", name, m[1], m[2])
			}
			fields[m[1]] = kind
		}
	}
	if len(fields) < 6 {
		t.Fatalf("%d filters that take an id were found", len(fields))
	}
	return fields
}
