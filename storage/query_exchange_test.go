package storage_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
)

const (
	twoPayees    = "07-835-two-payees.x12"    // one interchange, a set for each account
	twoProviders = "17-277-two-providers.x12" // one set with loops of both accounts
	unknownPayee = "09-835-unknown-payee.x12" // of no account
	wrongCount   = "08-835-wrong-segment-count.x12"
)

func TestFilesOfScopes(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	files := w.LoadAll(t)
	a, _, both, operator := scopesOf(w)
	ctx := t.Context()
	count := func(s storage.Scope, f storage.FileFilter, limit int) int {
		t.Helper()
		n, page := 0, storage.Page{Limit: limit}
		for {
			rows, next, err := w.DB.Files(ctx, s, f, page)
			if err != nil {
				t.Fatal(err)
			}
			n += len(rows)
			for i := 1; i < len(rows); i++ {
				if rows[i].ReceivedAt.After(rows[i-1].ReceivedAt) {
					t.Error("an older file stands before a newer one")
				}
			}
			if next == "" || n > 1000 {
				return n
			}
			page.Cursor = next
		}
	}
	if n := count(operator, storage.FileFilter{}, 5); n != len(files) {
		t.Errorf("the operator sees %d files, want %d", n, len(files))
	}
	ofA, ofBoth := count(a, storage.FileFilter{}, 2), count(both, storage.FileFilter{}, 3)
	if ofA == 0 || ofA >= ofBoth || ofBoth >= len(files) {
		t.Errorf("A sees %d files, both accounts %d, the operator %d", ofA, ofBoth, len(files))
	}
	for _, c := range []struct {
		rule   string
		filter storage.FileFilter
		want   int
	}{
		{"name begins", storage.FileFilter{Name: "07-"}, 1},
		{"state", storage.FileFilter{States: []string{"failed"}}, 0},
		{"direction", storage.FileFilter{Direction: "out"}, 0},
		{"received later", storage.FileFilter{ReceivedFrom: time.Now().Add(time.Hour)}, 0},
		{"received before", storage.FileFilter{ReceivedTo: time.Now().Add(time.Hour), Name: "07"}, 1},
		{"no hash", storage.FileFilter{SHA256: "zz"}, 0},
	} {
		for _, s := range []storage.Scope{operator, both} {
			if n := count(s, c.filter, 50); n != c.want {
				t.Errorf("%s: %d files, want %d (operator %d)", c.rule, n, c.want, s.Operator)
			}
		}
	}
	d, err := w.DB.FileDetail(ctx, operator, files[twoPayees])
	if err != nil {
		t.Fatal(err)
	}
	whole := d.SHA256
	for _, c := range []struct {
		who   string
		scope storage.Scope
		hash  string
		want  int
	}{
		{"the operator by the whole hash", operator, whole, 1},
		{"the operator by a beginning", operator, whole[:12], 1},
		{"an account by the whole hash", both, whole, 1},
		{"an account by a beginning, which would tell it the rest", both, whole[:12], 0},
	} {
		if n := count(c.scope, storage.FileFilter{SHA256: c.hash}, 5); n != c.want {
			t.Errorf("%s: %d files, want %d", c.who, n, c.want)
		}
	}
}

func TestFileOfTwoAccounts(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	file := w.Load(t, twoPayees)
	foreign := w.Load(t, unknownPayee)
	a, b, _, operator := scopesOf(w)
	ctx := t.Context()
	for _, c := range []struct {
		who   string
		scope storage.Scope
		sets  int
	}{{"operator", operator, 2}, {"A", a, 1}, {"B", b, 1}} {
		d, err := w.DB.FileDetail(ctx, c.scope, file)
		if err != nil {
			t.Fatalf("%s: %v", c.who, err)
		}
		if len(d.Events) < 2 || len(d.Interchanges) != 1 || len(d.Interchanges[0].Groups) != 1 || d.State != "loaded" {
			t.Errorf("%s sees %d events, %d interchanges, state %s", c.who, len(d.Events), len(d.Interchanges), d.State)
		}
		exchange := c.scope.Operator != 0
		if (d.Counts != "") != exchange || (d.Interchanges[0].Segments != 0) != exchange {
			t.Errorf("%s: counts %q, %d segments: only the operator may see them", c.who, d.Counts, d.Interchanges[0].Segments)
		}
		sets, _, err := w.DB.FileSets(ctx, c.scope, storage.SetFilter{File: file}, storage.Page{})
		if err != nil || len(sets) != c.sets {
			t.Fatalf("%s sees %d sets, want %d (%v)", c.who, len(sets), c.sets, err)
		}
		for _, s := range sets {
			if (s.Summary != "") != exchange {
				t.Errorf("%s: summary %q: only the operator may see it", c.who, s.Summary)
			}
			set, err := w.DB.SetDetail(ctx, c.scope, s.ID)
			if err != nil || len(set.Units) != 1 || set.File.ID != file || set.Group.FunctionalID != "HP" {
				t.Errorf("%s: set with %d units, %v", c.who, len(set.Units), err)
			}
		}
	}
	setsOfB, _, err := w.DB.FileSets(ctx, b, storage.SetFilter{File: file}, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for rule, try := range map[string]func() error{
		"file": func() error { _, err := w.DB.FileDetail(ctx, a, foreign); return err },
		"sets": func() error {
			_, _, err := w.DB.FileSets(ctx, a, storage.SetFilter{File: foreign}, storage.Page{})
			return err
		},
		"findings": func() error {
			_, _, err := w.DB.FileFindings(ctx, a, storage.FindingFilter{File: foreign}, storage.Page{})
			return err
		},
		"set": func() error { _, err := w.DB.SetDetail(ctx, a, setsOfB[0].ID); return err },
		"units": func() error {
			_, _, err := w.DB.SetUnits(ctx, a, storage.UnitFilter{Set: setsOfB[0].ID}, storage.Page{})
			return err
		},
		"original": func() error { _, err := w.DB.Original(ctx, a, storage.OriginalTarget{File: foreign}); return err },
		"its set":  func() error { _, err := w.DB.Original(ctx, a, storage.OriginalTarget{Set: setsOfB[0].ID}); return err },
		"nothing":  func() error { _, err := w.DB.Original(ctx, a, storage.OriginalTarget{}); return err },
	} {
		if err := try(); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("a neighbour's %s: %v, want ErrNotFound", rule, err)
		}
	}
}

func TestFindingsOfScopes(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	file := w.Load(t, wrongCount)
	a, b, _, operator := scopesOf(w)
	all, _, err := w.DB.FileFindings(t.Context(), operator, storage.FindingFilter{File: file}, storage.Page{})
	if err != nil || len(all) == 0 {
		t.Fatalf("the operator sees %d findings, %v", len(all), err)
	}
	ofUnits := 0
	for _, f := range all {
		if f.UnitID != 0 {
			ofUnits++
		}
	}
	own, _, err := w.DB.FileFindings(t.Context(), b, storage.FindingFilter{File: file}, storage.Page{})
	if err != nil || len(own) != ofUnits {
		t.Errorf("the account sees %d findings, want the %d of its units (%v)", len(own), ofUnits, err)
	}
	if _, _, err := w.DB.FileFindings(t.Context(), a, storage.FindingFilter{File: file}, storage.Page{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("another account: %v, want ErrNotFound", err)
	}
}

// The bytes that an account is shown never hold a neighbour's.
func TestOriginalHoldsOwnBytesOnly(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	a, b, both, operator := scopesOf(w)
	for _, name := range []string{twoPayees, twoProviders} {
		file, content := w.Load(t, name), openFixture(t, name)
		for _, c := range []struct {
			who        string
			scope      storage.Scope
			own, other fixtures.Account
		}{{"A", a, fixtures.AccountA, fixtures.AccountB}, {"B", b, fixtures.AccountB, fixtures.AccountA}} {
			targets := []storage.OriginalTarget{{File: file}}
			sets, _, err := w.DB.FileSets(t.Context(), c.scope, storage.SetFilter{File: file}, storage.Page{})
			if err != nil || len(sets) == 0 {
				t.Fatalf("%s of %s: %d sets, %v", name, c.who, len(sets), err)
			}
			for _, s := range sets {
				d, err := w.DB.SetDetail(t.Context(), c.scope, s.ID)
				if err != nil {
					t.Fatal(err)
				}
				targets = append(targets, storage.OriginalTarget{Set: s.ID}, storage.OriginalTarget{Unit: d.Units[0].ID})
			}
			targets = append(targets, resultsOf(t, w.DB, c.scope, file)...)
			for _, target := range targets {
				shown := shownBytes(t, w.DB, c.scope, target, content)
				if !bytes.HasPrefix(shown, []byte("ISA")) || !bytes.Contains(shown, []byte(c.own.NPI)) {
					t.Errorf("%s, %s, %+v: shows %d bytes without ISA or its own provider", name, c.who, target, len(shown))
				}
				if bytes.Contains(shown, []byte(c.other.NPI)) || bytes.Contains(shown, []byte(c.other.Name)) {
					t.Errorf("%s, %s, %+v: shows the neighbour's provider", name, c.who, target)
				}
			}
		}
		if shown := shownBytes(t, w.DB, operator, storage.OriginalTarget{File: file}, content); !bytes.Equal(shown, content) {
			t.Errorf("%s: the operator sees %d of %d bytes", name, len(shown), len(content))
		}
		if shown := shownBytes(t, w.DB, both, storage.OriginalTarget{File: file}, content); !bytes.Contains(shown, []byte(fixtures.AccountANPI)) || !bytes.Contains(shown, []byte(fixtures.AccountBNPI)) {
			t.Errorf("%s: a billing service of both misses one", name)
		}
	}
}

// resultsOf returns the targets of every result that a file brought a scope.
func resultsOf(t *testing.T, db *storage.DB, scope storage.Scope, file storage.FileID) []storage.OriginalTarget {
	t.Helper()
	var out []storage.OriginalTarget
	payments, _, err := db.Remittances(t.Context(), scope, storage.RemittanceFilter{}, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range payments {
		if p.FileID == file {
			out = append(out, storage.OriginalTarget{Payment: p.ID})
		}
	}
	claims, _, err := db.Claims(t.Context(), scope, storage.ClaimFilter{}, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims {
		if c.FileID == file {
			out = append(out, storage.OriginalTarget{Claim: c.ID})
		}
	}
	statuses, _, err := db.ClaimStatuses(t.Context(), scope, storage.AnswerFilter{}, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statuses {
		if s.FileID == file {
			out = append(out, storage.OriginalTarget{Status: s.ID})
		}
	}
	if len(out) == 0 {
		t.Fatal("the file brought no results")
	}
	return out
}

// shownBytes cuts the shown ranges out of a file's content.
func shownBytes(t *testing.T, db *storage.DB, scope storage.Scope, target storage.OriginalTarget, content []byte) []byte {
	t.Helper()
	o, err := db.Original(t.Context(), scope, target)
	if err != nil {
		t.Fatalf("%+v: %v", target, err)
	}
	if o.Purged || len(o.Own) == 0 || o.Blob.Size != int64(len(content)) {
		t.Fatalf("%+v: %+v", target, o)
	}
	var out []byte
	last := int64(-1)
	for _, r := range o.Ranges {
		if r.Start <= last || r.End > int64(len(content)) || r.Start >= r.End {
			t.Fatalf("%+v: ranges %v of %d bytes", target, o.Ranges, len(content))
		}
		last = r.End
		out = append(out, content[r.Start:r.End]...)
	}
	return out
}

// One claim's original holds the payment's head and the claim, not the claims around it.
func TestOriginalOfClaim(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.Load(t, twoPayees)
	content := openFixture(t, twoPayees)
	a, _, _, _ := scopesOf(w)
	for number, other := range map[string]string{"CHF-20501": "CHF-20502", "CHF-20502": "CHF-20501"} {
		claims, _, err := w.DB.Claims(t.Context(), a, storage.ClaimFilter{PatientControlNumber: number}, storage.Page{})
		if err != nil || len(claims) != 1 {
			t.Fatalf("%s: %d claims, %v", number, len(claims), err)
		}
		shown := shownBytes(t, w.DB, a, storage.OriginalTarget{Claim: claims[0].ID}, content)
		for part, want := range map[string]bool{"BPR*": true, "CLP*" + number: true, "CLP*" + other: false} {
			if bytes.Contains(shown, []byte(part)) != want {
				t.Errorf("%s: shown %s is %v, want %v", number, part, !want, want)
			}
		}
		if !bytes.HasPrefix(content[claims[0].ByteOffset:], []byte("CLP*"+number)) {
			t.Errorf("%s: the claim's byte offset leads elsewhere", number)
		}
	}
}

func TestUnroutedAndReroute(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.Load(t, unknownPayee)
	a, b, _, operator := scopesOf(w)
	ctx := t.Context()
	queue, _, err := w.DB.UnroutedUnits(ctx, operator, storage.UnroutedFilter{}, storage.Page{})
	if err != nil || len(queue) != 1 {
		t.Fatalf("the queue holds %d units, %v", len(queue), err)
	}
	u := queue[0]
	if u.IdentityKind != "npi" || u.IdentityValue != fixtures.Unknown.NPI || u.Age < 0 || u.SetCode != "835" || u.FileName != unknownPayee {
		t.Errorf("the unit reads %+v", u)
	}
	d, err := w.DB.Dashboard(ctx, operator)
	if err != nil || d.UnroutedUnits != 1 || d.UnroutedOldest == nil {
		t.Errorf("the dashboard counts %d unrouted units, %v", d.UnroutedUnits, err)
	}
	for rule, try := range map[string]func() error{
		"an account's user":  func() error { return w.DB.RerouteUnit(ctx, a, u.ID, w.A) },
		"an unknown unit":    func() error { return w.DB.RerouteUnit(ctx, operator, 1<<40, w.A) },
		"an unknown account": func() error { return w.DB.RerouteUnit(ctx, operator, u.ID, 1<<40) },
		"the queue of an account's user": func() error {
			_, _, err := w.DB.UnroutedUnits(ctx, a, storage.UnroutedFilter{}, storage.Page{})
			return err
		},
	} {
		if err := try(); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", rule, err)
		}
	}
	if err := w.DB.RerouteUnit(ctx, operator, u.ID, w.A); err != nil {
		t.Fatal(err)
	}
	rows, _, err := w.DB.Claims(ctx, a, storage.ClaimFilter{Name: "GLIMMERFORD"}, storage.Page{})
	if err != nil || len(rows) != 1 {
		t.Errorf("A finds %d claims of the unit, %v", len(rows), err)
	}
	if queue, _, err := w.DB.UnroutedUnits(ctx, operator, storage.UnroutedFilter{}, storage.Page{}); err != nil || len(queue) != 0 {
		t.Errorf("the queue still holds %d units, %v", len(queue), err)
	}
	// It is A's now, and not the administrator's to give away again without a right to A's rows.
	if err := w.DB.RerouteUnit(ctx, operator, u.ID, w.B); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("moving an account's unit: %v, want ErrNotFound", err)
	}
	if rows, _, err := w.DB.Claims(ctx, b, storage.ClaimFilter{}, storage.Page{}); err != nil || len(rows) != 0 {
		t.Errorf("B sees %d claims, %v", len(rows), err)
	}
}

func TestAcknowledgments(t *testing.T) {
	t.Parallel()
	var cfg storage.Config
	w := originaltest.New(t, func(c *storage.Config) { cfg = *c })
	w.LoadAll(t)
	a, _, _, operator := scopesOf(w)
	rows, _, err := w.DB.Acknowledgments(t.Context(), operator, storage.AcknowledgmentFilter{}, storage.Page{})
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d acknowledgments, %v", len(rows), err)
	}
	kinds := map[string]bool{}
	for _, r := range rows {
		kinds[r.Kind] = true
		d, err := w.DB.AcknowledgmentDetail(t.Context(), operator, r.ID)
		if err != nil || d.ID != r.ID {
			t.Errorf("detail: %v", err)
		}
		if _, err := w.DB.AcknowledgmentDetail(t.Context(), a, r.ID); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("an account's user: %v, want ErrNotFound", err)
		}
	}
	views := ownerStrings(t.Context(), t, cfg.OwnerURL, `SELECT id::text FROM audit_event WHERE action = 'patient.view' AND object_kind = 'acknowledgment'`)
	if len(views) != 1 {
		t.Errorf("%d events that what one of them quotes from a set was shown, want 1", len(views))
	}
	if !kinds["TA1"] || !kinds["999"] {
		t.Errorf("kinds %v, want TA1 and 999", kinds)
	}
	some, _, err := w.DB.Acknowledgments(t.Context(), operator, storage.AcknowledgmentFilter{Kind: "TA1"}, storage.Page{})
	if err != nil || len(some) == 0 || len(some) >= len(rows) {
		t.Errorf("%d of %d are TA1, %v", len(some), len(rows), err)
	}
	if rows, _, err := w.DB.Acknowledgments(t.Context(), a, storage.AcknowledgmentFilter{}, storage.Page{}); err != nil || len(rows) != 0 {
		t.Errorf("an account's user sees %d, %v", len(rows), err)
	}
}

// What shows patients leaves its event, with the act or not at all.
func TestViewsAreAudited(t *testing.T) {
	t.Parallel()
	var cfg storage.Config
	w := originaltest.New(t, func(c *storage.Config) { cfg = *c })
	w.Load(t, twoPayees)
	_, _, both, _ := scopesOf(w)
	both.Actor = storage.Actor{Kind: storage.ActorUser, ID: 4711, Address: "192.0.2.1", Request: "REQ"}
	ctx := t.Context()
	claims, _, err := w.DB.Claims(ctx, both, storage.ClaimFilter{}, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.ClaimDetail(ctx, both, claims[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.Original(ctx, both, storage.OriginalTarget{Claim: claims[0].ID}); err != nil {
		t.Fatal(err)
	}
	got := auditEvents(ctx, t, cfg.OwnerURL)
	want := map[string]int{"patient.list  2": 2, "patient.view claim ": 1, "patient.view original.claim ": 1}
	for event, n := range want {
		if got[event] != n {
			t.Errorf("%d events %q, want %d; all: %v", got[event], event, n, got)
		}
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	files := w.LoadAll(t)
	a, _, _, operator := scopesOf(w)
	d, err := w.DB.Dashboard(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, s := range d.Files {
		total += s.Count
	}
	if total != int64(len(files)) {
		t.Errorf("%d files today, want %d", total, len(files))
	}
	d, err = w.DB.Dashboard(t.Context(), a)
	if err != nil || d.EligibilityAnswers == 0 || d.StatusAnswers == 0 || d.UnroutedUnits != 0 || len(d.Files) != 0 {
		t.Errorf("an account's user sees %+v, %v", d, err)
	}
}

func auditEvents(ctx context.Context, t *testing.T, ownerURL string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, e := range ownerStrings(ctx, t, ownerURL,
		`SELECT action || ' ' || coalesce(object_kind, '') || ' ' || coalesce(detail->>'rows', '') FROM audit_event WHERE actor_id = 4711 AND operator_id <> 0 AND account_id IS NOT NULL AND address = '192.0.2.1'`) {
		out[e]++
	}
	return out
}
