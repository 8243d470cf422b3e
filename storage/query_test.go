package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
)

// A listing reads a list's page, and says of each row whose it is and what its id is.
type listing struct {
	name   string
	page   func(context.Context, *storage.DB, storage.Scope, storage.Page) ([]listed, storage.Cursor, error)
	detail func(context.Context, *storage.DB, storage.Scope, int64) error
}

type listed struct {
	account storage.AccountID
	id      int64
}

func listOf[T any](rows []T, next storage.Cursor, err error, of func(T) listed) ([]listed, storage.Cursor, error) {
	out := make([]listed, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out, next, err
}

// listings are the lists of the business plane with their details.
var listings = []listing{
	{
		"remittances",
		func(ctx context.Context, db *storage.DB, s storage.Scope, p storage.Page) ([]listed, storage.Cursor, error) {
			rows, next, err := db.Remittances(ctx, s, storage.RemittanceFilter{}, p)
			return listOf(rows, next, err, func(r storage.Remittance) listed { return listed{r.AccountID, r.ID} })
		},
		func(ctx context.Context, db *storage.DB, s storage.Scope, id int64) error {
			_, err := db.RemittanceDetail(ctx, s, id)
			return err
		},
	},
	{
		"claims",
		func(ctx context.Context, db *storage.DB, s storage.Scope, p storage.Page) ([]listed, storage.Cursor, error) {
			rows, next, err := db.Claims(ctx, s, storage.ClaimFilter{}, p)
			return listOf(rows, next, err, func(r storage.Claim) listed { return listed{r.AccountID, r.ID} })
		},
		func(ctx context.Context, db *storage.DB, s storage.Scope, id int64) error {
			_, err := db.ClaimDetail(ctx, s, id)
			return err
		},
	},
	{
		"eligibility",
		func(ctx context.Context, db *storage.DB, s storage.Scope, p storage.Page) ([]listed, storage.Cursor, error) {
			rows, next, err := db.EligibilityAnswers(ctx, s, storage.AnswerFilter{}, p)
			return listOf(rows, next, err, func(r storage.EligibilityAnswer) listed { return listed{r.AccountID, r.ID} })
		},
		func(ctx context.Context, db *storage.DB, s storage.Scope, id int64) error {
			_, err := db.EligibilityDetail(ctx, s, id)
			return err
		},
	},
	{
		"claim statuses",
		func(ctx context.Context, db *storage.DB, s storage.Scope, p storage.Page) ([]listed, storage.Cursor, error) {
			rows, next, err := db.ClaimStatuses(ctx, s, storage.AnswerFilter{}, p)
			return listOf(rows, next, err, func(r storage.ClaimStatusAnswer) listed { return listed{r.AccountID, r.ID} })
		},
		func(ctx context.Context, db *storage.DB, s storage.Scope, id int64) error {
			_, err := db.ClaimStatusDetail(ctx, s, id)
			return err
		},
	},
	{
		"authorizations",
		func(ctx context.Context, db *storage.DB, s storage.Scope, p storage.Page) ([]listed, storage.Cursor, error) {
			rows, next, err := db.Authorizations(ctx, s, storage.AnswerFilter{}, p)
			return listOf(rows, next, err, func(r storage.Authorization) listed { return listed{r.AccountID, r.ID} })
		},
		func(ctx context.Context, db *storage.DB, s storage.Scope, id int64) error {
			_, err := db.AuthorizationDetail(ctx, s, id)
			return err
		},
	},
}

// all walks a list to its end in pages of limit.
func (l listing) all(t *testing.T, db *storage.DB, scope storage.Scope, limit int) []listed {
	t.Helper()
	out := []listed{}
	page := storage.Page{Limit: limit}
	for range 10_000 {
		rows, next, err := l.page(t.Context(), db, scope, page)
		if err != nil {
			t.Fatalf("%s: %v", l.name, err)
		}
		if len(rows) > limit {
			t.Fatalf("%s: a page of %d rows, want at most %d", l.name, len(rows), limit)
		}
		out = append(out, rows...)
		if next == "" {
			return out
		}
		page.Cursor = next
	}
	t.Fatalf("%s: the list has no end", l.name)
	return nil
}

func scopesOf(w *originaltest.World) (a, b, both, operator storage.Scope) {
	return storage.Scope{Accounts: []storage.AccountID{w.A}, Home: w.Operator, Actor: originaltest.Actor},
		storage.Scope{Accounts: []storage.AccountID{w.B}, Home: w.Operator, Actor: originaltest.Actor},
		storage.Scope{Accounts: []storage.AccountID{w.A, w.B}, Home: w.Operator, Actor: originaltest.Actor},
		storage.Scope{Operator: w.Operator, Accounts: []storage.AccountID{w.Unrouted}, Actor: originaltest.Actor}
}

func TestListsShowOwnRowsOnly(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	a, b, both, operator := scopesOf(w)
	for _, l := range listings {
		ofA, ofB, ofBoth := l.all(t, w.DB, a, 100), l.all(t, w.DB, b, 100), l.all(t, w.DB, both, 100)
		if len(ofA) == 0 || len(ofB) == 0 && l.name != "eligibility" && l.name != "authorizations" {
			t.Errorf("%s: A sees %d rows, B %d: nothing to compare", l.name, len(ofA), len(ofB))
		}
		if len(ofBoth) != len(ofA)+len(ofB) {
			t.Errorf("%s: both accounts see %d rows, one by one %d and %d", l.name, len(ofBoth), len(ofA), len(ofB))
		}
		for _, c := range []struct {
			who     string
			rows    []listed
			account storage.AccountID
			own     storage.Scope
			foreign []storage.Scope
		}{{"A", ofA, w.A, a, []storage.Scope{b, operator}}, {"B", ofB, w.B, b, []storage.Scope{a, operator}}} {
			for _, r := range c.rows {
				if r.account != c.account {
					t.Errorf("%s: %s sees a row of account %d", l.name, c.who, r.account)
				}
				if err := l.detail(t.Context(), w.DB, c.own, r.id); err != nil {
					t.Errorf("%s: detail of an own row: %v", l.name, err)
				}
				for _, f := range c.foreign {
					if err := l.detail(t.Context(), w.DB, f, r.id); !errors.Is(err, storage.ErrNotFound) {
						t.Errorf("%s: detail of a foreign row: %v, want ErrNotFound", l.name, err)
					}
				}
			}
		}
		if err := l.detail(t.Context(), w.DB, both, 1<<40); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s: detail of no row: %v, want ErrNotFound", l.name, err)
		}
	}
}

// Pages of every length show the same rows in the same order, and rows that come in between displace none.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	_, _, both, _ := scopesOf(w)
	for _, l := range listings {
		whole := l.all(t, w.DB, both, 500)
		for _, limit := range []int{1, 2, 3, 7} {
			if got := l.all(t, w.DB, both, limit); !slices.Equal(got, whole) {
				t.Errorf("%s in pages of %d: %v, want %v", l.name, limit, got, whole)
			}
		}
		first, next, err := l.page(t.Context(), w.DB, both, storage.Page{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		again := fmt.Sprintf("again-%s.x12", l.name)
		for _, name := range []string{"01-835-payment-with-denials.x12", "11-271-active-member.x12"} {
			originaltest.LoadBytes(t, w.DB, w.Archive, w.Operator, again, renumbered(t, name, l.name))
		}
		for next != "" {
			var rows []listed
			if rows, next, err = l.page(t.Context(), w.DB, both, storage.Page{Limit: 2, Cursor: next}); err != nil {
				t.Fatal(err)
			}
			first = append(first, rows...)
		}
		if after := l.all(t, w.DB, both, 500); len(after) <= len(whole) && slices.Contains([]string{"remittances", "claims", "eligibility"}, l.name) {
			t.Errorf("%s: nothing came in between", l.name)
		}
		for _, r := range whole {
			if n := len(slices.DeleteFunc(slices.Clone(first), func(x listed) bool { return x != r })); n != 1 {
				t.Errorf("%s: a row was seen %d times while others came in", l.name, n)
			}
		}
	}
}

func TestCursorsAreBound(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	a, b, both, _ := scopesOf(w)
	ctx := t.Context()
	_, next, err := w.DB.Claims(ctx, a, storage.ClaimFilter{}, storage.Page{Limit: 1})
	if err != nil || next == "" {
		t.Fatalf("first page: %v, cursor %q", err, next)
	}
	at := storage.Page{Cursor: next}
	for rule, try := range map[string]func() error{
		"another account": func() error { _, _, err := w.DB.Claims(ctx, b, storage.ClaimFilter{}, at); return err },
		"more accounts":   func() error { _, _, err := w.DB.Claims(ctx, both, storage.ClaimFilter{}, at); return err },
		"another filter": func() error {
			_, _, err := w.DB.Claims(ctx, a, storage.ClaimFilter{Denied: true}, at)
			return err
		},
		"another list": func() error {
			_, _, err := w.DB.EligibilityAnswers(ctx, a, storage.AnswerFilter{}, at)
			return err
		},
		"a made up one": func() error {
			_, _, err := w.DB.Claims(ctx, a, storage.ClaimFilter{}, storage.Page{Cursor: "AAAA"})
			return err
		},
	} {
		if err := try(); !errors.Is(err, storage.ErrCursor) {
			t.Errorf("%s: %v, want ErrCursor", rule, err)
		}
	}
	if _, _, err := w.DB.Claims(ctx, a, storage.ClaimFilter{}, at); err != nil {
		t.Errorf("its own list: %v", err)
	}
}

// renumbered is a fixture as another interchange with other payments: its control number and trace
// are made of the key.
func renumbered(t *testing.T, name, key string) []byte {
	t.Helper()
	content := string(openFixture(t, name))
	isa, rest, _ := strings.Cut(content, "~")
	fields := strings.Split(isa, "*")
	number := fmt.Sprintf("%09d", 500_000+len(key)*1000+int(key[0]))
	rest = strings.ReplaceAll(rest, "*"+fields[13], "*"+number)
	fields[13] = number
	lines := strings.Split(rest, "~")
	for i, l := range lines {
		if before, after, ok := strings.Cut(l, "TRN*1*"); ok {
			lines[i] = before + "TRN*1*X" + key[:2] + after
		}
	}
	return []byte(strings.Join(fields, "*") + "~" + strings.Join(lines, "~"))
}
