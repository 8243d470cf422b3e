package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/storage"
)

// A walker is a program on the way through all routes, with a token of a person.
type walker struct {
	t       *testing.T
	w       *walktest.World
	s       *site
	person  walktest.Person
	token   string
	asked   int
	unknown map[string]answer // what an id that doesn't exist is answered with, by route
}

func walkers(t *testing.T, w *walktest.World, people ...walktest.Person) (all []*walker) {
	t.Helper()
	s := siteOn(t, w.World, func(o *api.Options) { o.Archive, o.RequestsPerMinute = w.Archive, 1_000_000 })
	for _, person := range people {
		if len(s.Principal(t, person.Login).Permissions()) == 0 {
			continue // nothing that a token could be given
		}
		all = append(all, &walker{t: t, w: w, s: s, person: person, token: s.token(t, person.Login), unknown: map[string]answer{}})
	}
	return all
}

// ask visits a route with an id in its blanks, and looks for what the person must not see.
func (v *walker) ask(pattern string, id func(kind string) string, body string) (int, string) {
	v.t.Helper()
	method, path := walktest.Fill(pattern, walktest.Blanks(v.t, pattern), id)
	return v.send(method, path, body)
}

func (v *walker) send(method, path, body string) (int, string) {
	v.t.Helper()
	v.asked++
	r := httptest.NewRequestWithContext(v.t.Context(), method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+v.token)
	w := httptest.NewRecorder()
	v.s.handler.ServeHTTP(w, r)
	text := w.Body.String()
	if w.Code >= http.StatusInternalServerError {
		v.t.Errorf("%s %s by %s: %d", method, path, v.person.Login, w.Code)
	}
	if found := v.w.Leak(v.person, text); found != "" {
		v.t.Errorf("%s %s by %s: the answer (%d) holds %q of somebody else", method, path, v.person.Login, w.Code, found)
	}
	return w.Code, text
}

// same fails the test if an id of somebody else is answered otherwise than one that doesn't exist. Who may not use the
// route at all is turned away before the id is looked at.
func (v *walker) same(pattern, own, what, kind, id string) {
	v.t.Helper()
	if id == "" {
		return
	}
	unknown := v.w.Unknown(own)
	want, known := v.unknown[pattern]
	if !known {
		want.status, want.body = v.ask(pattern, func(string) string { return unknown }, "{}")
		v.unknown[pattern] = want
	}
	if want.status == http.StatusForbidden && kind != own {
		return
	}
	got, body := v.ask(pattern, func(string) string { return id }, "{}")
	if got == http.StatusNotFound && kind != own {
		return // an id of another kind isn't even looked for
	}
	if got != want.status || walktest.Comparable(body, id) != walktest.Comparable(want.body, unknown) {
		v.t.Errorf("%s by %s: %s %s answers %d, an unknown one %d", pattern, v.person.Login, what, kind, got, want.status)
	}
	if got < http.StatusMultipleChoices {
		v.t.Errorf("%s by %s: %s %s answers %d", pattern, v.person.Login, what, kind, got)
	}
}

// TestWalkByAPI asks every route as a program of every role with ids of every kind that belong to somebody else: they
// are answered like ids that never were, and nothing of the others shows or changes.
func TestWalkByAPI(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A45", "A46", "A48", "H1")
	w := walktest.New(t)
	kinds := walktest.Kinds(t)
	routes := slices.Sorted(maps.Keys(api.RoutePatterns()))
	foreign, nextDoor := map[string]string{}, map[string]string{}
	for _, kind := range kinds {
		foreign[kind], nextDoor[kind] = w.Foreign(t, kind), w.NextDoor(t, kind)
	}
	before := w.Snapshot(t)
	asked := 0
	for _, v := range walkers(t, w, w.People...) {
		for _, pattern := range routes {
			blanks := walktest.Blanks(t, pattern)
			if len(blanks) == 0 {
				v.ask(pattern, nil, "")
				continue
			}
			own := blanks[len(blanks)-1].Kind
			v.same(pattern, own, "a foreign", own, foreign[own])
			if !v.person.Operator && slices.Contains(walktest.ByAccount, own) {
				v.same(pattern, own, "the next door's", own, nextDoor[own])
			}
			if v.person.Login == w.All.Login && strings.HasPrefix(pattern, http.MethodGet) {
				for _, kind := range kinds {
					v.same(pattern, own, "a foreign", kind, foreign[kind])
				}
			}
		}
		asked += v.asked
	}
	for at, digest := range w.Snapshot(t) {
		if before[at] != digest {
			t.Errorf("rows of operator two were changed: %s", at)
		}
	}
	if asked < 1500 {
		t.Errorf("%d requests, want a walk of at least 1500", asked)
	}
	seesItsOwn(t, w, routes)
}

// seesItsOwn makes sure that the walk could have found something: who belongs there gets each object.
func seesItsOwn(t *testing.T, w *walktest.World, routes []string) {
	t.Helper()
	v := walkers(t, w, w.Stranger)[0]
	seen := 0
	for _, pattern := range routes {
		if !strings.HasPrefix(pattern, http.MethodGet) || len(walktest.Blanks(t, pattern)) == 0 {
			continue
		}
		status, body := v.ask(pattern, func(kind string) string { return w.Foreign(t, kind) }, "")
		if status != http.StatusOK && !lacks[pattern] {
			t.Errorf("%s by the owner of what is asked for: %d, want 200", pattern, status)
		}
		if strings.Contains(strings.ToUpper(body), walktest.Mark) {
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("the mark of operator two shows in %d answers, want it in at least 10", seen)
	}
}

// lacks are the routes for whose kind the samples hold one that the route doesn't take.
var lacks = map[string]bool{
	"GET /api/v1/outbound/{id}":      true, // the sample is a file that came in
	"GET /api/v1/outbound/{id}/sets": true, // as above
	"GET /api/v1/partners/{id}":      true, // no partner stands in the fixtures
}

// TestAPIWithForeignReferences sends every route ids of somebody else in its parameters, by URL and by body.
func TestAPIWithForeignReferences(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A46", "A48", "A49")
	w := walktest.New(t)
	before := w.Snapshot(t)
	fields := map[string]string{ // by parameter: the kind
		"account": storage.PublicAccount, "account_id": storage.PublicAccount, "connection_id": storage.PublicConnection, "partner_id": storage.PublicPartner,
		"file_id": storage.PublicFile, "set_id": storage.PublicSet, "run_id": storage.PublicRun, "schedule_id": storage.PublicSchedule, "calendar_id": storage.PublicCalendar,
		"user_id": storage.PublicUser, "operator_id": storage.PublicOperator, "payer_id": storage.PublicPayer,
	}
	body := map[string]any{"name": "Walked", "reason": "walked"}
	for name, kind := range fields {
		body[name] = w.Foreign(t, kind)
	}
	whole, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	v := walkers(t, w, w.All)[0]
	for _, pattern := range slices.Sorted(maps.Keys(api.RoutePatterns())) {
		own := func(kind string) string { return w.Own(t, kind) }
		if walktest.Waits(pattern) {
			own = w.Unknown
		}
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), own)
		if method == http.MethodDelete {
			continue
		}
		for name, kind := range fields {
			one, err := json.Marshal(map[string]any{name: w.Foreign(t, kind), "name": "Walked", "reason": "walked"})
			if err != nil {
				t.Fatal(err)
			}
			if method == http.MethodGet {
				v.send(method, path+"?"+name+"="+w.Foreign(t, kind), "")
			} else {
				v.send(method, path, string(one))
			}
		}
		if method != http.MethodGet {
			v.send(method, path, string(whole))
		}
	}
	for at, digest := range w.Snapshot(t) {
		if before[at] != digest {
			t.Errorf("rows of operator two were changed: %s", at)
		}
	}
}

// TestOnlyDeclaredMethods asks every path of the API by methods that no route has.
func TestOnlyDeclaredMethods(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A77")
	s := newSite(t, func(o *api.Options) { o.RequestsPerMinute = 1_000_000 })
	token := s.token(t, s.Both)
	paths := map[string][]string{}
	for pattern := range api.RoutePatterns() {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(string) string { return "x" })
		if paths[path] = append(paths[path], method); method == http.MethodGet {
			paths[path] = append(paths[path], http.MethodHead)
		}
	}
	for path, methods := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
			if slices.Contains(methods, method) || declaredFor(paths, path, method) {
				continue
			}
			if a := s.send(t, method, path, token, ""); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" || a.value["code"] != "method_not_allowed" {
				t.Errorf("%s %s: %d, Allow %q; want 405 as a problem", method, path, a.status, a.header.Get("Allow"))
			}
		}
	}
}

// declaredFor tells whether another pattern takes the path, as /claims/{id} takes /claims/search.
func declaredFor(paths map[string][]string, path, method string) bool {
	i := strings.LastIndexByte(path, '/')
	return slices.Contains(paths[path[:i]+"/x"], method)
}
