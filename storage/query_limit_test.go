package storage_test

import (
	"errors"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
)

// A stranger's NPI, with a right check digit.
const strangerNPI = "1234567893"

func limited(s storage.Scope, account storage.AccountID, limit storage.RowLimit) storage.Scope {
	s.Limits = map[storage.AccountID]storage.RowLimit{account: limit}
	return s
}

func TestRowsOfOtherProvidersAreNotThere(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	a, _, both, _ := scopesOf(w)
	own := storage.RowLimit{NPIs: []string{fixtures.AccountA.NPI}, TaxIDs: []string{fixtures.AccountA.TIN}}
	stranger := storage.RowLimit{NPIs: []string{strangerNPI}}
	for _, l := range listings {
		all := l.all(t, w.DB, a, 100)
		if got := l.all(t, w.DB, limited(a, w.A, own), 100); len(got) != len(all) || len(all) == 0 {
			t.Errorf("%s: limited to the account's own provider %d rows, without a limit %d", l.name, len(got), len(all))
		}
		for _, limit := range []storage.RowLimit{stranger, storage.NoRows()} {
			none := limited(a, w.A, limit)
			if got := l.all(t, w.DB, none, 100); len(got) != 0 {
				t.Errorf("%s: limited to %v, %d rows", l.name, limit, len(got))
			}
			for _, r := range all {
				if err := l.detail(t.Context(), w.DB, none, r.id); !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("%s: detail of a row that isn't open: %v, want ErrNotFound", l.name, err)
				}
			}
		}
		ofBoth := l.all(t, w.DB, limited(both, w.A, stranger), 100)
		if len(ofBoth) != len(l.all(t, w.DB, both, 100))-len(all) {
			t.Errorf("%s: a limit at one account changes what is seen of another", l.name)
		}
	}
	files, _, err := w.DB.Files(t.Context(), limited(a, w.A, stranger), storage.FileFilter{}, storage.Page{})
	if err != nil || len(files) != 0 {
		t.Errorf("limited to a stranger, %d files are listed, %v", len(files), err)
	}
	if files, _, err = w.DB.Files(t.Context(), limited(a, w.A, own), storage.FileFilter{}, storage.Page{}); err != nil || len(files) == 0 {
		t.Errorf("limited to the own provider, no file is listed, %v", err)
	}
}

// A claim belongs to its rendering provider, too: he sees the claim, not the payment, nor the file.
func TestARenderingProviderSeesHisClaims(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	a, _, _, _ := scopesOf(w)
	ctx := t.Context()
	claims, _, err := w.DB.Claims(ctx, a, storage.ClaimFilter{}, storage.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]int{}
	rendering := ""
	for _, c := range claims {
		by[c.RenderingNPI]++
		if c.RenderingNPI != "" && c.RenderingNPI != fixtures.AccountA.NPI {
			rendering = c.RenderingNPI
		}
	}
	if rendering == "" {
		t.Fatal("no claim has a rendering provider of its own")
	}
	scope := limited(a, w.A, storage.RowLimit{NPIs: []string{rendering}})
	mine, _, err := w.DB.Claims(ctx, scope, storage.ClaimFilter{}, storage.Page{Limit: 500})
	if err != nil || len(mine) != by[rendering] || len(mine) == len(claims) {
		t.Fatalf("%d of %d claims, want %d, %v", len(mine), len(claims), by[rendering], err)
	}
	d, err := w.DB.ClaimDetail(ctx, scope, mine[0].ID)
	if err != nil || d.Payment != nil || d.RenderingNPI != rendering {
		t.Errorf("detail: payment %v, %v", d.Payment, err)
	}
	if _, err := w.DB.RemittanceDetail(ctx, scope, mine[0].PaymentID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the payment: %v, want ErrNotFound", err)
	}
	for name, target := range map[string]storage.OriginalTarget{"claim": {Claim: mine[0].ID}, "payment": {Payment: mine[0].PaymentID}, "set": {Set: mine[0].SetID}, "file": {File: mine[0].FileID}} {
		if _, err := w.DB.Original(ctx, scope, target); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("original of the %s: %v, want ErrNotFound", name, err)
		}
	}
}

// What is masked never leaves the database, and nobody finds rows by what he may not see.
func TestMaskedAccounts(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	a, _, both, operator := scopesOf(w)
	ctx := t.Context()
	masked := func(s storage.Scope, accounts ...storage.AccountID) storage.Scope {
		s.Masked = accounts
		return s
	}
	seen, _, err := w.DB.Claims(ctx, both, storage.ClaimFilter{}, storage.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	hidden, _, err := w.DB.Claims(ctx, masked(both, w.A), storage.ClaimFilter{}, storage.Page{Limit: 500})
	if err != nil || len(hidden) != len(seen) {
		t.Fatalf("%d rows, masked %d, %v", len(seen), len(hidden), err)
	}
	name := ""
	for i, h := range hidden {
		want := seen[i].PatientLastName
		if h.AccountID == w.A && want != "" {
			name, want = want, storage.MaskedText
		}
		if h.PatientLastName != want || h.Charge != seen[i].Charge {
			t.Errorf("row %d of account %d: last name %q, want %q", i, h.AccountID, h.PatientLastName, want)
		}
	}
	for rule, f := range map[string]storage.ClaimFilter{"by name": {Name: name}, "by control number": {PatientControlNumber: seen[0].PatientControlNumber}} {
		if rows, _, err := w.DB.Claims(ctx, masked(a, w.A), f, storage.Page{}); err != nil || len(rows) != 0 {
			t.Errorf("%s finds %d masked rows, %v", rule, len(rows), err)
		}
	}
	if _, err := w.DB.Original(ctx, masked(a, w.A), storage.OriginalTarget{Claim: seen[0].ID}); !errors.Is(err, storage.ErrMasked) {
		t.Errorf("original of a masked account: %v", err)
	}
	plane := masked(operator, w.Unrouted)
	plane.MaskedPlane = true
	if _, err := w.DB.Original(ctx, plane, storage.OriginalTarget{File: seen[0].FileID}); !errors.Is(err, storage.ErrMasked) {
		t.Errorf("a whole file by an operator's auditor: %v", err)
	}
}
